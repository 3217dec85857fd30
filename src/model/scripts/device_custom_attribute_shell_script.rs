//! `deviceCustomAttributeShellScript`: a script whose output is an attribute of a macOS device.

use super::script;
use crate::model::scripts::actions::ASSIGN;
use crate::model::vocabulary::permission::SCRIPT_PERMISSIONS;
use crate::model::vocabulary::{
    Edm, EntityType, EnumType, Key, NAMESPACE, Order, Property, TypeAnnotation,
};

static VALUE_TYPE: EnumType = EnumType {
    name: "deviceCustomAttributeValueType",
    column_type: "device_custom_attribute_value_type",
    members: &[("integer", 0), ("string", 1), ("dateTime", 2)],
};

pub(in crate::model) static DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT: EntityType = EntityType {
    name: "deviceCustomAttributeShellScript",
    namespace: NAMESPACE,
    table: "script",
    rows: script::family("deviceCustomAttributeShellScript"),
    key: Key::Server,
    order: Order::Key,
    is_audited: true,
    reported: None,
    type_annotation: TypeAnnotation::Full,
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
    navigations: script::NAVIGATIONS,
    actions: &[ASSIGN],
    permissions: &SCRIPT_PERMISSIONS,
};
