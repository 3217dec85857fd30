//! `deviceManagementScriptDeviceState`: how a script's latest run on one device ended.

use super::permission::RUN_STATE_PERMISSIONS;
use super::{Edm, EntityType, EnumType, Key, Property};

static RUN_STATE: EnumType = EnumType {
    name: "runState",
    column_type: "run_state",
    members: &["unknown", "success", "fail", "scriptError", "pending", "notApplicable"],
};

pub(super) static DEVICE_STATE: EntityType = EntityType {
    name: "deviceManagementScriptDeviceState",
    table: "device_state",
    key: Key::Client,
    properties: &[
        Property::id(),
        Property::new("runState", "run_state", Edm::Enum(&RUN_STATE)).non_null(),
        Property::new("resultMessage", "result_message", Edm::String),
        Property::new("lastStateUpdateDateTime", "last_state_update", Edm::DateTimeOffset)
            .non_null(),
        Property::new("errorCode", "error_code", Edm::Int32).non_null(),
        Property::new("errorDescription", "error_description", Edm::String),
    ],
    navigations: &[],
    permissions: &RUN_STATE_PERMISSIONS,
};
