//! `deviceManagementScriptRunSummary`: how all runs of a script went, in counts.

use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{
    Edm, EntityType, Key, NAMESPACE, Order, Property, Rows, TypeAnnotation,
};

pub(in crate::model) static RUN_SUMMARY: EntityType = EntityType {
    name: "deviceManagementScriptRunSummary",
    namespace: NAMESPACE,
    table: "script_counts",
    rows: Rows::All,
    key: Key::Server,
    order: Order::Key,
    is_audited: false,
    reported: None,
    type_annotation: TypeAnnotation::Full,
    properties: &[
        Property::id(),
        Property::new("successDeviceCount", "success_device_count", Edm::Int32).non_null(),
        Property::new("errorDeviceCount", "error_device_count", Edm::Int32).non_null(),
        Property::new("successUserCount", "success_user_count", Edm::Int32).non_null(),
        Property::new("errorUserCount", "error_user_count", Edm::Int32).non_null(),
    ],
    navigations: &[],
    actions: &[],
    permissions: &CONTAINED_PERMISSIONS,
};
