//! `auditActor` and `auditResource`: who changed something, and what. They are complex types of
//! `auditEvent`. Source: the documents of Intune's auditing in Graph (beta).

use crate::model::vocabulary::{ComplexType, Edm, Property};

pub(super) static AUDIT_ACTOR: ComplexType = complex_type(
    "auditActor",
    &[
        Property::member("type", Edm::String),
        Property::member("auditActorType", Edm::String),
        Property::member("userPermissions", Edm::Strings).non_null(),
        Property::member("applicationId", Edm::String),
        Property::member("applicationDisplayName", Edm::String),
        Property::member("userPrincipalName", Edm::String),
        Property::member("servicePrincipalName", Edm::String),
        Property::member("ipAddress", Edm::String),
        Property::member("userId", Edm::String),
        Property::member("userRoleScopeTags", Edm::Complexes(&ROLE_SCOPE_TAG_INFO)).non_null(),
        Property::member("remoteTenantId", Edm::String),
        Property::member("remoteUserId", Edm::String),
    ],
);

static ROLE_SCOPE_TAG_INFO: ComplexType = complex_type(
    "roleScopeTagInfo",
    &[
        Property::member("displayName", Edm::String),
        Property::member("roleScopeTagId", Edm::String),
    ],
);

pub(super) static AUDIT_RESOURCE: ComplexType = complex_type(
    "auditResource",
    &[
        Property::member("displayName", Edm::String),
        Property::member("modifiedProperties", Edm::Complexes(&AUDIT_PROPERTY)).non_null(),
        Property::member("type", Edm::String),
        Property::member("auditResourceType", Edm::String),
        Property::member("resourceId", Edm::String),
    ],
);

static AUDIT_PROPERTY: ComplexType = complex_type(
    "auditProperty",
    &[
        Property::member("displayName", Edm::String),
        Property::member("oldValue", Edm::String),
        Property::member("newValue", Edm::String),
    ],
);

const fn complex_type(name: &'static str, properties: &'static [Property]) -> ComplexType {
    ComplexType { name, base: None, is_abstract: false, properties, derived: &[] }
}
