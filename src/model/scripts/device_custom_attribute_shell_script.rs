//! `deviceCustomAttributeShellScript`: a script whose output is an attribute of a macOS device.

use super::actions::ASSIGN;
use super::script;
use crate::model::vocabulary::{Edm, EntityType, EnumType, Property};

static VALUE_TYPE: EnumType = EnumType {
    name: "deviceCustomAttributeValueType",
    column_type: "device_custom_attribute_value_type",
    members: &[("integer", 0), ("string", 1), ("dateTime", 2)],
};

pub(in crate::model) static DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT: EntityType = EntityType {
    properties: &[
        Property::id(),
        Property::new("customAttributeName", "custom_attribute_name", Edm::String),
        Property::new("customAttributeType", "custom_attribute_type", Edm::Enum(&VALUE_TYPE))
            .non_null(),
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
    ..script::family("deviceCustomAttributeShellScript")
};
