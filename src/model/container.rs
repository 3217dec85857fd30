//! The root of the service: its version, its singleton, and the list of every entity type.

use super::assignments::{ASSIGNMENT, GROUP_ASSIGNMENT};
use super::audit::AUDIT_EVENT;
use super::devices::MANAGED_DEVICE;
use super::runs::{DEVICE_STATE, RUN_STATE_VERSION, RUN_SUMMARY, USER_STATE};
use super::scripts::{
    DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT, DEVICE_MANAGEMENT_SCRIPT, DEVICE_SHELL_SCRIPT,
};
use super::vocabulary::{EntityType, Navigation, NavigationKind, Singleton};

/// The version of Graph that the service speaks, the first segment of its paths.
pub const API_VERSION: &str = "beta";

/// `deviceManagement`: each path of the API starts with it.
pub static ROOT: Singleton = Singleton {
    name: "deviceManagement",
    navigations: &[
        &entity_set("auditEvents", &AUDIT_EVENT),
        &entity_set("deviceCustomAttributeShellScripts", &DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT),
        &entity_set("deviceManagementScripts", &DEVICE_MANAGEMENT_SCRIPT),
        &entity_set("deviceShellScripts", &DEVICE_SHELL_SCRIPT),
        &MANAGED_DEVICES,
    ],
};

/// Every entity type.
pub static ENTITY_TYPES: &[&EntityType] = &[
    &AUDIT_EVENT,
    &DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT,
    &DEVICE_MANAGEMENT_SCRIPT,
    &ASSIGNMENT,
    &DEVICE_STATE,
    &GROUP_ASSIGNMENT,
    &RUN_STATE_VERSION,
    &RUN_SUMMARY,
    &USER_STATE,
    &DEVICE_SHELL_SCRIPT,
    &MANAGED_DEVICE,
];

/// The qualified name of an entity type that a segment of a path is, or has before its parentheses:
/// such a segment is a type cast.
#[must_use]
pub fn name_in_cast(segment: &str) -> Option<&str> {
    let name = segment.split('(').next().unwrap_or_default();
    ENTITY_TYPES.iter().any(|it| it.is_named(name)).then_some(name)
}

/// The devices, which run states refer to.
pub(super) static MANAGED_DEVICES: Navigation = entity_set("managedDevices", &MANAGED_DEVICE);

const fn entity_set(name: &'static str, target: &'static EntityType) -> Navigation {
    Navigation { name, target, kind: NavigationKind::Contained, links: &[], counter: None }
}
