//! `deviceManagementScript`: a script that runs on Windows devices.

use super::script;
use crate::model::scripts::actions::{ASSIGN, HAS_PAYLOAD_LINKS};
use crate::model::vocabulary::permission::SCRIPT_PERMISSIONS;
use crate::model::vocabulary::{Edm, EntityType, Key, NAMESPACE, Order, Property, TypeAnnotation};

pub(in crate::model) static DEVICE_MANAGEMENT_SCRIPT: EntityType = EntityType {
    name: "deviceManagementScript",
    namespace: NAMESPACE,
    table: "script",
    rows: script::family("deviceManagementScript"),
    key: Key::Server,
    order: Order::Key,
    is_audited: true,
    reported: None,
    type_annotation: TypeAnnotation::Full,
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
