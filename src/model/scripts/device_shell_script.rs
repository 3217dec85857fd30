//! `deviceShellScript`: a script that runs on macOS devices.

use super::script;
use crate::model::scripts::actions::ASSIGN;
use crate::model::vocabulary::permission::SCRIPT_PERMISSIONS;
use crate::model::vocabulary::{Edm, EntityType, Key, NAMESPACE, Order, Property, TypeAnnotation};

pub(in crate::model) static DEVICE_SHELL_SCRIPT: EntityType = EntityType {
    name: "deviceShellScript",
    namespace: NAMESPACE,
    table: "script",
    rows: script::family("deviceShellScript"),
    key: Key::Server,
    order: Order::Key,
    is_audited: true,
    reported: None,
    type_annotation: TypeAnnotation::Full,
    properties: &[
        Property::new("executionFrequency", "execution_frequency", Edm::Duration).non_null(),
        Property::new("retryCount", "retry_count", Edm::Int32).non_null(),
        Property::new("blockExecutionNotifications", "block_execution_notifications", Edm::Boolean)
            .non_null(),
        Property::id(),
        script::DISPLAY_NAME,
        script::DESCRIPTION,
        script::SCRIPT_CONTENT,
        script::CREATED,
        script::LAST_MODIFIED,
        script::RUN_AS_ACCOUNT,
        script::FILE_NAME,
        script::ROLE_SCOPE_TAG_IDS,
    ],
    navigations: script::NAVIGATIONS,
    actions: &[ASSIGN],
    permissions: &SCRIPT_PERMISSIONS,
};
