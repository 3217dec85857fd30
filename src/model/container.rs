//! The singleton at the root of the service, and the list of every entity type.

use super::assignments::{ASSIGNMENT, GROUP_ASSIGNMENT};
use super::devices::MANAGED_DEVICE;
use super::runs::{DEVICE_STATE, RUN_SUMMARY, USER_STATE};
use super::scripts::{
    DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT, DEVICE_MANAGEMENT_SCRIPT, DEVICE_SHELL_SCRIPT,
};
use super::vocabulary::permission::CONTAINED_PERMISSIONS;
use super::vocabulary::{EntityType, Key, Navigation, NavigationKind, Rows};

/// `deviceManagement`: what each path of the service starts with. It has no row of its own.
pub static DEVICE_MANAGEMENT: EntityType = EntityType {
    name: "deviceManagement",
    table: "",
    rows: Rows::All,
    key: Key::Server,
    properties: &[],
    navigations: &[
        entity_set("deviceCustomAttributeShellScripts", &DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT),
        entity_set("deviceManagementScripts", &DEVICE_MANAGEMENT_SCRIPT),
        entity_set("deviceShellScripts", &DEVICE_SHELL_SCRIPT),
        entity_set("managedDevices", &MANAGED_DEVICE),
    ],
    actions: &[],
    permissions: &CONTAINED_PERMISSIONS,
};

/// Every entity type that has rows.
pub static ENTITY_TYPES: &[&EntityType] = &[
    &DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT,
    &DEVICE_MANAGEMENT_SCRIPT,
    &ASSIGNMENT,
    &DEVICE_STATE,
    &GROUP_ASSIGNMENT,
    &RUN_SUMMARY,
    &USER_STATE,
    &DEVICE_SHELL_SCRIPT,
    &MANAGED_DEVICE,
];

const fn entity_set(name: &'static str, target: &'static EntityType) -> Navigation {
    Navigation { name, target, kind: NavigationKind::Contained, links: &[], counter: None }
}
