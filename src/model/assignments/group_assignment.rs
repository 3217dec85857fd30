//! `deviceManagementScriptGroupAssignment`: a group to which a script is assigned; the older form of
//! an assignment, with the same rows. An assignment without a group is no group assignment, so the
//! group is never null here, though the documents allow null.

use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{
    Derivation, Edm, EntityType, Key, NAMESPACE, Order, Property, Rows, TypeAnnotation,
};

pub(in crate::model) static GROUP_ASSIGNMENT: EntityType = EntityType {
    name: "deviceManagementScriptGroupAssignment",
    namespace: NAMESPACE,
    table: "assignment",
    rows: Rows::Having { column: "target_group_id" },
    key: Key::Derived(&OF_GROUP),
    order: Order::Key,
    is_audited: true,
    reported: None,
    type_annotation: TypeAnnotation::Full,
    properties: &[Property::id(), Property::new("targetGroupId", "target_group_id", Edm::String)],
    navigations: &[],
    actions: &[],
    permissions: &CONTAINED_PERMISSIONS,
};

static OF_GROUP: Derivation =
    Derivation { property: "targetGroupId", members: &[], of_types: &[], required: true };
