//! The singleton at the root of the service, and the list of every entity type.

use super::device_management_script::DEVICE_MANAGEMENT_SCRIPT;
use super::device_state::DEVICE_STATE;
use super::permission::SCRIPT_PERMISSIONS;
use super::user_state::USER_STATE;
use super::{EntityType, Key, Navigation};

/// `deviceManagement`: what each path of the service starts with. It has no row of its own.
pub static DEVICE_MANAGEMENT: EntityType = EntityType {
    name: "deviceManagement",
    table: "",
    key: Key::Server,
    properties: &[],
    navigations: &[Navigation {
        name: "deviceManagementScripts",
        target: &DEVICE_MANAGEMENT_SCRIPT,
        links: &[],
    }],
    permissions: &SCRIPT_PERMISSIONS,
};

/// Every entity type that has rows.
pub static ENTITY_TYPES: &[&EntityType] = &[&DEVICE_MANAGEMENT_SCRIPT, &DEVICE_STATE, &USER_STATE];
