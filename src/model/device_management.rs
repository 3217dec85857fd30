//! The singleton at the root of the service, and the list of every entity type.

use super::assignment::ASSIGNMENT;
use super::device_custom_attribute_shell_script::DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT;
use super::device_management_script::DEVICE_MANAGEMENT_SCRIPT;
use super::device_shell_script::DEVICE_SHELL_SCRIPT;
use super::device_state::DEVICE_STATE;
use super::group_assignment::GROUP_ASSIGNMENT;
use super::managed_device::MANAGED_DEVICE;
use super::permission::CONTAINED_PERMISSIONS;
use super::run_summary::RUN_SUMMARY;
use super::user_state::USER_STATE;
use super::{EntityType, Key, Navigation, NavigationKind};

/// `deviceManagement`: what each path of the service starts with. It has no row of its own.
pub static DEVICE_MANAGEMENT: EntityType = EntityType {
    name: "deviceManagement",
    table: "",
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
