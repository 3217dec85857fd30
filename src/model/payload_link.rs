//! `hasPayloadLinkResultItem`: what the action `hasPayloadLinks` tells of each id.

use super::{ComplexType, Edm, EnumType, Property};

/// What an action tells, item by item.
#[derive(Debug)]
pub struct Told {
    /// The type of an item, but for its collections of enumerations, which no other type has.
    pub item: &'static ComplexType,
    /// Those collections.
    pub enums: &'static [(&'static str, &'static EnumType)],
}

/// What `hasPayloadLinks` tells.
pub(super) static PAYLOAD_LINKS: Told =
    Told { item: &RESULT_ITEM, enums: &[("sources", &ASSIGNMENT_SOURCE)] };

static RESULT_ITEM: ComplexType = ComplexType {
    name: "hasPayloadLinkResultItem",
    base: None,
    is_abstract: false,
    properties: &[
        Property::member("payloadId", Edm::String),
        Property::member("hasLink", Edm::Boolean),
        Property::member("error", Edm::String),
    ],
    derived: &[],
};

static ASSIGNMENT_SOURCE: EnumType = EnumType {
    name: "deviceAndAppManagementAssignmentSource",
    column_type: "",
    members: &[("direct", 0), ("policySets", 1)],
};
