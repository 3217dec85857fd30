//! `deviceManagementScript`: a script that runs on Windows devices.

use super::action::{ASSIGN, HAS_PAYLOAD_LINKS};
use super::permission::SCRIPT_PERMISSIONS;
use super::{Edm, EntityType, Key, Property, script};

pub(super) static DEVICE_MANAGEMENT_SCRIPT: EntityType = EntityType {
    name: "deviceManagementScript",
    table: "device_management_script",
    key: Key::Server,
    properties: &[
        Property::id(),
        script::DISPLAY_NAME,
        script::DESCRIPTION,
        script::SCRIPT_CONTENT,
        script::CREATED,
        script::LAST_MODIFIED,
        script::RUN_AS_ACCOUNT,
        Property::new("enforceSignatureCheck", "enforce_signature_check", Edm::Boolean).non_null(),
        script::FILE_NAME,
        script::ROLE_SCOPE_TAG_IDS,
        Property::new("runAs32Bit", "run_as_32_bit", Edm::Boolean).non_null(),
    ],
    navigations: script::NAVIGATIONS,
    actions: &[ASSIGN, HAS_PAYLOAD_LINKS],
    permissions: &SCRIPT_PERMISSIONS,
};
