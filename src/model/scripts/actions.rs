//! The actions of scripts.

use super::payload_link::PAYLOAD_LINKS;
use crate::model::vocabulary::{Action, Binding, Effect, Parameter};

/// `assign`, which every family of scripts has.
pub(in crate::model) const ASSIGN: Action = Action {
    name: "assign",
    binding: Binding::Entity,
    parameters: &[
        Parameter::Entities {
            name: "deviceManagementScriptAssignments",
            navigation: "assignments",
        },
        Parameter::Entities {
            name: "deviceManagementScriptGroupAssignments",
            navigation: "groupAssignments",
        },
    ],
    effect: Effect::Replace { navigation: "assignments" },
};

/// `hasPayloadLinks`.
pub(in crate::model) const HAS_PAYLOAD_LINKS: Action = Action {
    name: "hasPayloadLinks",
    binding: Binding::Collection,
    parameters: &[Parameter::Strings { name: "payloadIds" }],
    effect: Effect::PayloadLinks { navigation: "assignments", told: &PAYLOAD_LINKS },
};
