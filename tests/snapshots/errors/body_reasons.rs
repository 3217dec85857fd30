//! An example of each reason about a body.

use runstate::error::{BodyReason, Error, ValueReason};

use super::examples::{Examples, of};

pub(super) fn examples() -> [Examples; 2] {
    [
        of(&body_reasons(), Error::from),
        of(&value_reasons(), |reason| {
            BodyReason::Property { property: "errorCode", reason }.into()
        }),
    ]
}

fn body_reasons() -> Vec<BodyReason> {
    let entity_type = || "microsoft.graph.deviceManagementScript".to_owned();
    let device = || "managedDevice".to_owned();
    let parameters = || "scriptAssignments".to_owned();
    vec![
        BodyReason::Item {
            collection: "assignments",
            index: 3,
            reason: Box::new(BodyReason::Repeated { name: "id".into() }),
        },
        BodyReason::Property { property: "resultMessage", reason: ValueReason::NullCharacter },
        BodyReason::NotObject { found: "an array" },
        BodyReason::EntityNotObject { entity_type: "managedDevice", found: "a number" },
        BodyReason::TypeMismatch { found: "microsoft.graph.user".into(), expected: entity_type() },
        BodyReason::TypeUnknown { found: "nonsense".into(), namespace: "microsoft.graph" },
        BodyReason::TypeNotString,
        BodyReason::PropertyUnknown { name: "nonsense".into(), of: entity_type() },
        BodyReason::Repeated { name: "RunState".into() },
        BodyReason::PropertyMissing { property: "target" },
        BodyReason::Id { limit: 255 },
        BodyReason::GroupName { property: "target" },
        BodyReason::NavigationNotArray { name: "assignments".into(), found: "an object" },
        BodyReason::NavigationOnItsOwn { name: "runSummary".into() },
        BodyReason::NavigationReadOnly { name: "history".into() },
        BodyReason::NavigationByReference { name: device() },
        BodyReason::NavigationInUpdate { name: "assignments" },
        BodyReason::ReferenceInvalid {
            name: device(),
            entity_type: "managedDevice",
            set: "deviceManagement/managedDevices".into(),
            url: "https://example.com/".into(),
        },
        BodyReason::NotBindable { name: "deviceRunStates".into() },
        BodyReason::ReferenceMissing {
            name: "managedDevice",
            entity_type: "managedDevice",
            id: "nonesuch".into(),
        },
        BodyReason::ReferenceNotUrl { name: device(), found: "a number" },
        BodyReason::TooManyEntities { limit: 1000 },
        BodyReason::ParameterUnknown {
            name: "nonsense".into(),
            action: "assign",
            parameters: parameters(),
        },
        BodyReason::ParameterRepeated { name: "PayloadIds".into() },
        BodyReason::ParameterMissing { action: "assign", parameters: parameters() },
        BodyReason::ParameterNotArray { name: parameters(), found: "a string" },
        BodyReason::ParameterTooLong { name: "payloadIds", limit: 1000 },
    ]
}

fn value_reasons() -> Vec<ValueReason> {
    let expected = || "microsoft.graph.assignmentTarget".to_owned();
    let choices = || "#microsoft.graph.groupAssignmentTarget".to_owned();
    vec![
        ValueReason::Null { expected: "Edm.Int32".into() },
        ValueReason::Node { found: "StartArray", expected: "PrimitiveValue" },
        ValueReason::Literal {
            literal: "nine".into(),
            expected: "Edm.Int32".into(),
            members: Vec::new(),
        },
        ValueReason::Literal {
            literal: "error".into(),
            expected: "microsoft.graph.runState".into(),
            members: vec!["success", "fail"],
        },
        ValueReason::NullCharacter,
        ValueReason::TooManyItems { count: 1001, limit: 1000 },
        ValueReason::Item { index: 3, reason: Box::new(ValueReason::NullCharacter) },
        ValueReason::Member(Box::new(BodyReason::Repeated { name: "groupId".into() })),
        ValueReason::NotAllowed {
            found: "12".into(),
            allowed: "0, 7, 30, 90, 365, or null for no limit",
        },
        ValueReason::NotObject { found: "a string" },
        ValueReason::Abstract { of: expected(), choices: choices() },
        ValueReason::NotAssignable {
            found: "microsoft.graph.user".into(),
            expected: expected(),
            choices: choices(),
        },
    ]
}
