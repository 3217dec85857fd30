//! `deviceManagementScript`: a script that runs on Windows devices.

use super::device_state::DEVICE_STATE;
use super::permission::SCRIPT_PERMISSIONS;
use super::user_state::USER_STATE;
use super::{Edm, EntityType, EnumType, Key, Link, Navigation, Property, Source};

static RUN_AS_ACCOUNT_TYPE: EnumType = EnumType {
    name: "runAsAccountType",
    column_type: "run_as_account_type",
    members: &["system", "user"],
};

pub(super) static DEVICE_MANAGEMENT_SCRIPT: EntityType = EntityType {
    name: "deviceManagementScript",
    table: "device_management_script",
    key: Key::Server,
    properties: &[
        Property::id(),
        Property::new("displayName", "display_name", Edm::String),
        Property::new("description", "description", Edm::String),
        Property::new("scriptContent", "script_content", Edm::Binary).by_key_only(),
        Property::new("createdDateTime", "created", Edm::DateTimeOffset)
            .non_null()
            .set_by(Source::Created),
        Property::new("lastModifiedDateTime", "last_modified", Edm::DateTimeOffset)
            .non_null()
            .set_by(Source::Modified),
        Property::new("runAsAccount", "run_as_account", Edm::Enum(&RUN_AS_ACCOUNT_TYPE)).non_null(),
        Property::new("enforceSignatureCheck", "enforce_signature_check", Edm::Boolean).non_null(),
        Property::new("fileName", "file_name", Edm::String),
        Property::new("roleScopeTagIds", "role_scope_tag_ids", Edm::Strings)
            .non_null()
            .set_by(Source::ClientOr(&["0"])),
        Property::new("runAs32Bit", "run_as_32_bit", Edm::Boolean).non_null(),
    ],
    navigations: &[
        Navigation {
            name: "deviceRunStates",
            target: &DEVICE_STATE,
            links: &[Link { target: "script_id", source: "id" }],
        },
        Navigation {
            name: "userRunStates",
            target: &USER_STATE,
            links: &[Link { target: "script_id", source: "id" }],
        },
    ],
    permissions: &SCRIPT_PERMISSIONS,
};
