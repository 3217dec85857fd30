//! `deviceManagementScriptDeviceState`: how a script's latest run on one device ended.

use crate::model::container::MANAGED_DEVICES;
use crate::model::devices::MANAGED_DEVICE;
use crate::model::vocabulary::permission::RUN_STATE_PERMISSIONS;
use crate::model::vocabulary::{
    Edm, EntityType, EnumType, Key, Link, Navigation, NavigationKind, Property, Rows,
    TypeAnnotation,
};

static RUN_STATE: EnumType = EnumType {
    name: "runState",
    column_type: "run_state",
    members: &[
        ("unknown", 0),
        ("success", 1),
        ("fail", 2),
        ("scriptError", 3),
        ("pending", 4),
        ("notApplicable", 5),
    ],
};

pub(in crate::model) static DEVICE_STATE: EntityType = EntityType {
    name: "deviceManagementScriptDeviceState",
    table: "device_state",
    rows: Rows::All,
    key: Key::Client,
    type_annotation: TypeAnnotation::Minimal,
    properties: &[
        Property::id(),
        Property::new("runState", "run_state", Edm::Enum(&RUN_STATE)).non_null(),
        Property::new("resultMessage", "result_message", Edm::String),
        Property::new("lastStateUpdateDateTime", "last_state_update", Edm::DateTimeOffset)
            .non_null()
            .indexed(),
        Property::new("errorCode", "error_code", Edm::Int32).non_null(),
        Property::new("errorDescription", "error_description", Edm::String),
    ],
    navigations: &[&Navigation {
        name: "managedDevice",
        target: &MANAGED_DEVICE,
        kind: NavigationKind::Referenced(&MANAGED_DEVICES),
        links: &[Link { target: "id", source: "managed_device_id" }],
        counter: None,
    }],
    actions: &[],
    permissions: &RUN_STATE_PERMISSIONS,
};
