//! `runStateVersion`: how a run of a script on one device had ended at some time. Not part of
//! Microsoft Graph.

use super::device_state::RUN_STATE;
use crate::model::vocabulary::permission::RUN_STATE_PERMISSIONS;
use crate::model::vocabulary::{
    EXTENSIONS, Edm, EntityType, Key, Order, Property, Source, TypeAnnotation,
};

pub(in crate::model) static RUN_STATE_VERSION: EntityType = EntityType {
    name: "runStateVersion",
    namespace: EXTENSIONS,
    table: "device_state_version",
    key: Key::Database,
    order: Order::Descending("version"),
    type_annotation: TypeAnnotation::Minimal,
    properties: &[
        Property::id(),
        Property::new("runState", "run_state", Edm::Enum(&RUN_STATE)).non_null(),
        Property::new("resultMessage", "result_message", Edm::String),
        Property::new("lastStateUpdateDateTime", "last_state_update", Edm::DateTimeOffset)
            .non_null(),
        Property::new("errorCode", "error_code", Edm::Int32).non_null(),
        Property::new("errorDescription", "error_description", Edm::String),
        Property::new("version", "version", Edm::Int32).non_null().set_by(Source::Modified),
        Property::new("validFrom", "valid_from", Edm::DateTimeOffset)
            .non_null()
            .set_by(Source::Modified),
        Property::new("validTo", "valid_to", Edm::DateTimeOffset).set_by(Source::Modified),
    ],
    permissions: &RUN_STATE_PERMISSIONS,
    ..EntityType::BASE
};
