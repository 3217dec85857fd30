//! `deviceManagementScriptGroupAssignment`: a group to which a script is assigned; the older form of
//! an assignment, and another view of the same rows. One without a group is none, so that the
//! group is never null here, though the documents let it be.

use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{Derivation, Edm, EntityType, Key, Property};

pub(in crate::model) static GROUP_ASSIGNMENT: EntityType = EntityType {
    name: "deviceManagementScriptGroupAssignment",
    table: "group_assignment",
    key: Key::Derived(&OF_GROUP),
    properties: &[Property::id(), Property::new("targetGroupId", "target_group_id", Edm::String)],
    navigations: &[],
    actions: &[],
    permissions: &CONTAINED_PERMISSIONS,
};

static OF_GROUP: Derivation =
    Derivation { property: "targetGroupId", members: &[], of_types: &[], required: true };
