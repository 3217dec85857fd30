//! `hasPayloadLinkResultItem`: what the action `hasPayloadLinks` tells of each id.

use crate::model::vocabulary::{ComplexType, Edm, EnumType, Property, Told};

/// What `hasPayloadLinks` tells.
pub(in crate::model) static PAYLOAD_LINKS: Told =
    Told { item: &RESULT_ITEM, enums: &[("sources", &ASSIGNMENT_SOURCE)] };

static RESULT_ITEM: ComplexType = ComplexType {
    name: "hasPayloadLinkResultItem",
    base: None,
    is_abstract: false,
    properties: &[
        Property::member("payloadId", Edm::String),
        Property::member("hasLink", Edm::Boolean),
        Property::member("error", Edm::String),
    ],
    derived: &[],
};

static ASSIGNMENT_SOURCE: EnumType = EnumType {
    name: "deviceAndAppManagementAssignmentSource",
    column_type: "",
    members: &[("direct", 0), ("policySets", 1)],
};
