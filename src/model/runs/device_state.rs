//! `deviceManagementScriptDeviceState`: how a script's latest run on one device ended.

use super::run_state_version::RUN_STATE_VERSION;
use crate::model::container::MANAGED_DEVICES;
use crate::model::devices::MANAGED_DEVICE;
use crate::model::vocabulary::permission::RUN_STATE_PERMISSIONS;
use crate::model::vocabulary::{
    Edm, EntityType, EnumType, Key, Link, Navigation, NavigationKind, Property, TypeAnnotation,
    Versions,
};

/// How a script's run ended.
pub static RUN_STATE: EnumType = EnumType {
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

/// The members that the first version of the API has.
pub const SEED_RUN_STATES: [&str; 3] = ["unknown", "success", "fail"];

pub(in crate::model) static DEVICE_STATE: EntityType = EntityType {
    name: "deviceManagementScriptDeviceState",
    table: "device_state",
    key: Key::Client,
    reported: Some("reported"),
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
    navigations: &[&HISTORY, &MANAGED_DEVICE_OF_STATE],
    permissions: &RUN_STATE_PERMISSIONS,
    ..EntityType::BASE
};

static HISTORY: Navigation = Navigation {
    name: "history",
    target: &RUN_STATE_VERSION,
    kind: NavigationKind::Versions(&Versions {
        table: "device_state_at",
        start: "validFrom",
        end: "validTo",
    }),
    links: &[
        Link { target: "script_id", source: "script_id" },
        Link { target: "state_id", source: "id" },
    ],
    counter: None,
};

static MANAGED_DEVICE_OF_STATE: Navigation = Navigation {
    name: "managedDevice",
    target: &MANAGED_DEVICE,
    kind: NavigationKind::Referenced(&MANAGED_DEVICES),
    links: &[Link { target: "id", source: "managed_device_id" }],
    counter: None,
};
