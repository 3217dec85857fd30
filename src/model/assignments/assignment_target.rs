//! `deviceAndAppManagementAssignmentTarget`: the abstract complex type of an assignment's target, and
//! the types derived from it.

use crate::model::vocabulary::{ComplexType, Edm, EnumType, Property};

static FILTER_TYPE: EnumType = EnumType {
    name: "deviceAndAppManagementAssignmentFilterType",
    column_type: "",
    members: &[("none", 0), ("include", 1), ("exclude", 2)],
};

pub(in crate::model) static ASSIGNMENT_TARGET: ComplexType = ComplexType {
    name: "deviceAndAppManagementAssignmentTarget",
    base: None,
    is_abstract: true,
    properties: &[
        Property::member("deviceAndAppManagementAssignmentFilterId", Edm::String),
        Property::member("deviceAndAppManagementAssignmentFilterType", Edm::Enum(&FILTER_TYPE))
            .non_null(),
    ],
    derived: &[
        &ALL_DEVICES,
        &ALL_LICENSED_USERS,
        &CONFIGURATION_MANAGER_COLLECTION,
        &GROUP,
        &EXCLUSION_GROUP,
        &ANDROID_FOTA_DEPLOYMENT,
    ],
};

static ALL_DEVICES: ComplexType = target("allDevicesAssignmentTarget", &[], &[]);
static ALL_LICENSED_USERS: ComplexType = target("allLicensedUsersAssignmentTarget", &[], &[]);
static CONFIGURATION_MANAGER_COLLECTION: ComplexType = target(
    "configurationManagerCollectionAssignmentTarget",
    &[Property::member("collectionId", Edm::String)],
    &[],
);
static GROUP: ComplexType = target(
    "groupAssignmentTarget",
    &[Property::member("groupId", Edm::String)],
    &[&EXCLUSION_GROUP],
);
static EXCLUSION_GROUP: ComplexType =
    ComplexType { base: Some(&GROUP), ..target("exclusionGroupAssignmentTarget", &[], &[]) };
static ANDROID_FOTA_DEPLOYMENT: ComplexType = target(
    "androidFotaDeploymentAssignmentTarget",
    &[Property::member("groupId", Edm::String).non_null()],
    &[],
);

const fn target(
    name: &'static str,
    properties: &'static [Property],
    derived: &'static [&'static ComplexType],
) -> ComplexType {
    let base = Some(&ASSIGNMENT_TARGET);
    ComplexType { name, base, is_abstract: false, properties, derived }
}
