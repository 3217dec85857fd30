//! The actions of scripts.

use super::payload_link::RESULT_ITEM;
use super::script::{ASSIGNMENTS, GROUP_ASSIGNMENTS};
use crate::model::vocabulary::{Action, Binding, Effect, Parameter};

/// `assign`, which every family of scripts has.
pub(in crate::model) const ASSIGN: Action = Action {
    name: "assign",
    binding: Binding::Entity,
    parameters: &[
        Parameter::Entities { name: "deviceManagementScriptAssignments", navigation: &ASSIGNMENTS },
        Parameter::Entities {
            name: "deviceManagementScriptGroupAssignments",
            navigation: &GROUP_ASSIGNMENTS,
        },
    ],
    effect: Effect::Replace { navigation: &ASSIGNMENTS },
};

/// `hasPayloadLinks`: whether each script is assigned.
pub(in crate::model) const HAS_PAYLOAD_LINKS: Action = Action {
    name: "hasPayloadLinks",
    binding: Binding::Collection,
    parameters: &[Parameter::Strings { name: "payloadIds" }],
    effect: Effect::Query {
        function: "device_management_script_payload_links",
        item: &RESULT_ITEM,
    },
};
