//! `deviceManagementScriptAssignment`: to whom a script is assigned.

use super::assignment_target::ASSIGNMENT_TARGET;
use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{Derivation, Edm, EntityType, Key, Property};

pub(in crate::model) static ASSIGNMENT: EntityType = EntityType {
    name: "deviceManagementScriptAssignment",
    table: "assignment",
    key: Key::Derived(&OF_TARGET),
    is_audited: true,
    properties: &[
        Property::id(),
        Property::new("target", "target", Edm::Complex(&ASSIGNMENT_TARGET)),
    ],
    permissions: &CONTAINED_PERMISSIONS,
    ..EntityType::BASE
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
