//! `deviceManagementScript`: a script that runs on Windows devices.

use super::actions::{ASSIGN, HAS_PAYLOAD_LINKS};
use super::script;
use crate::model::vocabulary::{Edm, EntityType, Property};

pub(in crate::model) static DEVICE_MANAGEMENT_SCRIPT: EntityType = EntityType {
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
    actions: &[ASSIGN, HAS_PAYLOAD_LINKS],
    ..script::family("deviceManagementScript")
};
