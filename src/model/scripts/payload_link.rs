//! `hasPayloadLinkResultItem`: what the action `hasPayloadLinks` returns for each id.

use crate::model::vocabulary::{ComplexType, Edm, EnumType, Property};

pub(in crate::model) static RESULT_ITEM: ComplexType = ComplexType {
    name: "hasPayloadLinkResultItem",
    base: None,
    is_abstract: false,
    properties: &[
        Property::member("payloadId", Edm::String),
        Property::member("hasLink", Edm::Boolean),
        Property::member("error", Edm::String),
        Property::member("sources", Edm::Enums(&ASSIGNMENT_SOURCE)).non_null(),
    ],
    derived: &[],
};

static ASSIGNMENT_SOURCE: EnumType = EnumType {
    name: "deviceAndAppManagementAssignmentSource",
    column_type: "",
    members: &[("direct", 0), ("policySets", 1)],
};
