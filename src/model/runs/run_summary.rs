//! `deviceManagementScriptRunSummary`: how all runs of a script went, in counts.

use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{Edm, EntityType, Key, Property};

pub(in crate::model) static RUN_SUMMARY: EntityType = EntityType {
    name: "deviceManagementScriptRunSummary",
    table: "script_counts",
    key: Key::Server,
    properties: &[
        Property::id(),
        Property::new("successDeviceCount", "success_device_count", Edm::Int32).non_null(),
        Property::new("errorDeviceCount", "error_device_count", Edm::Int32).non_null(),
        Property::new("successUserCount", "success_user_count", Edm::Int32).non_null(),
        Property::new("errorUserCount", "error_user_count", Edm::Int32).non_null(),
    ],
    permissions: &CONTAINED_PERMISSIONS,
    ..EntityType::BASE
};
