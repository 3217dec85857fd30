//! `deviceShellScript`: a script that runs on macOS devices.

use super::actions::ASSIGN;
use super::script;
use crate::model::vocabulary::{Edm, EntityType, Property};

pub(in crate::model) static DEVICE_SHELL_SCRIPT: EntityType = EntityType {
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
    actions: &[ASSIGN],
    ..script::family("deviceShellScript")
};
