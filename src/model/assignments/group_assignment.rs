//! `deviceManagementScriptGroupAssignment`: a group to which a script is assigned; the older form of
//! an assignment, with the same rows. An assignment without a group is no group assignment, so the
//! group is never null here, though the documents allow null.

use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{Derivation, Edm, EntityType, Key, Property, Rows};

pub(in crate::model) static GROUP_ASSIGNMENT: EntityType = EntityType {
    name: "deviceManagementScriptGroupAssignment",
    table: "assignment",
    rows: Rows::Having { column: "target_group_id" },
    key: Key::Derived(&OF_GROUP),
    is_audited: true,
    properties: &[Property::id(), Property::new("targetGroupId", "target_group_id", Edm::String)],
    permissions: &CONTAINED_PERMISSIONS,
    ..EntityType::BASE
};

static OF_GROUP: Derivation =
    Derivation { property: "targetGroupId", members: &[], of_types: &[], required: true };
