//! `deviceManagementScriptUserState`: how a script's runs went on the devices of one user.

use super::device_state::DEVICE_STATE;
use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{
    Counter, CountersByValue, Edm, EntityType, Key, Link, Navigation, NavigationKind, Property,
    ValueCounter,
};

pub(in crate::model) static USER_STATE: EntityType = EntityType {
    name: "deviceManagementScriptUserState",
    table: "user_state",
    key: Key::Client,
    properties: &[
        Property::id(),
        Property::new("successDeviceCount", "success_device_count", Edm::Int32).non_null(),
        Property::new("errorDeviceCount", "error_device_count", Edm::Int32).non_null(),
        Property::new("userPrincipalName", "user_principal_name", Edm::String),
    ],
    navigations: &[&Navigation {
        name: "deviceRunStates",
        target: &DEVICE_STATE,
        kind: NavigationKind::Contained,
        links: &[
            Link { target: "script_id", source: "script_id" },
            Link { target: "user_state_id", source: "id" },
        ],
        counter: Some(&Counter {
            table: "user_state",
            column: "counted_device_states",
            links: &[
                Link { target: "script_id", source: "script_id" },
                Link { target: "id", source: "id" },
            ],
            by_value: Some(&CountersByValue {
                property: "runState",
                counters: &[
                    ValueCounter::new("unknown", "counted_unknown"),
                    ValueCounter::new("success", "counted_success"),
                    ValueCounter::new("fail", "counted_error").less("counted_script_error"),
                    ValueCounter::new("scriptError", "counted_script_error"),
                    ValueCounter::new("pending", "counted_pending"),
                    ValueCounter::new("notApplicable", "counted_not_applicable"),
                ],
            }),
        }),
    }],
    permissions: &CONTAINED_PERMISSIONS,
    ..EntityType::BASE
};
