//! `deviceManagementScriptAssignment`: to whom a script is assigned.

use super::assignment_target::ASSIGNMENT_TARGET;
use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{
    Derivation, Edm, EntityType, Key, NAMESPACE, Order, Property, Rows, TypeAnnotation,
};

pub(in crate::model) static ASSIGNMENT: EntityType = EntityType {
    name: "deviceManagementScriptAssignment",
    namespace: NAMESPACE,
    table: "assignment",
    rows: Rows::All,
    key: Key::Derived(&OF_TARGET),
    order: Order::Key,
    is_audited: true,
    reported: None,
    type_annotation: TypeAnnotation::Full,
    properties: &[
        Property::id(),
        Property::new("target", "target", Edm::Complex(&ASSIGNMENT_TARGET)),
    ],
    navigations: &[],
    actions: &[],
    permissions: &CONTAINED_PERMISSIONS,
};

/// The groups are those that stand for all devices and for all users in Graph's own ids.
static OF_TARGET: Derivation = Derivation {
    property: "target",
    members: &["groupId", "collectionId"],
    of_types: &[
        ("allDevicesAssignmentTarget", "adadadad-808e-44e2-905a-0b7873a8a531"),
        ("allLicensedUsersAssignmentTarget", "acacacac-9df4-4c7d-9d50-4ef0226f57a9"),
    ],
    required: false,
};
