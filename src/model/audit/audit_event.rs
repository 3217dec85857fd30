//! `auditEvent`: a change of a script, an assignment, a policy, an application or a user. The database
//! writes it in the transaction of the change (`migrations/0017_audit.sql`).

use super::audit_types::{AUDIT_ACTOR, AUDIT_RESOURCE};
use crate::model::vocabulary::permission::AUDIT_PERMISSIONS;
use crate::model::vocabulary::{Edm, EntityType, Key, Property};

pub(in crate::model) static AUDIT_EVENT: EntityType = EntityType {
    name: "auditEvent",
    table: "audit_event",
    key: Key::Database,
    properties: &[
        Property::id(),
        Property::new("displayName", "display_name", Edm::String),
        Property::new("componentName", "component_name", Edm::String),
        Property::new("activity", "activity", Edm::String),
        Property::new("activityDateTime", "activity_date_time", Edm::DateTimeOffset)
            .non_null()
            .indexed(),
        Property::new("activityType", "activity_type", Edm::String),
        Property::new("activityOperationType", "activity_operation_type", Edm::String),
        Property::new("activityResult", "activity_result", Edm::String),
        Property::new("correlationId", "correlation_id", Edm::String),
        Property::new("category", "category", Edm::String),
        Property::new("actor", "actor", Edm::Complex(&AUDIT_ACTOR)),
        Property::new("resources", "resources", Edm::Complexes(&AUDIT_RESOURCE)).non_null(),
    ],
    permissions: &AUDIT_PERMISSIONS,
    ..EntityType::BASE
};
