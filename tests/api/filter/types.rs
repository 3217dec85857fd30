//! Does a path cast values to derived types, and does `isof` ask about them?

use super::results::finds;
use crate::harness::{Client, DEVICES, SCRIPTS, Server, encoded};
use serde_json::json;

/// Assignments to a group, against a group, to all devices and to a collection: their ids end with `g`,
/// `x`, `d` and `c`.
async fn assignments(client: &Client) -> String {
    let target = |name: &str, member: &str, value: &str| json!({ "target": { "@odata.type": format!("#microsoft.graph.{name}"), member: value } });
    let body = json!({ "assignments": [
        target("groupAssignmentTarget", "groupId", "g"),
        target("exclusionGroupAssignmentTarget", "groupId", "x"),
        target("configurationManagerCollectionAssignmentTarget", "collectionId", "c"),
        target("allDevicesAssignmentTarget", "deviceAndAppManagementAssignmentFilterId", "f"),
    ] });
    let script = client.post(SCRIPTS, &body).await.created();
    format!("{SCRIPTS}/{}/assignments", script["id"].as_str().unwrap())
}

/// The last letters of the ids of the assignments that satisfy a filter.
async fn found(client: &Client, assignments: &str, filter: &str) -> String {
    let ids = client.ids(&format!("{assignments}?$filter={}", encoded(filter))).await;
    let all_devices = "adadadad-808e-44e2-905a-0b7873a8a531";
    let mut last: Vec<&str> = ids.iter().map(|id| id.rsplit(':').next().unwrap()).collect();
    last.iter_mut().filter(|id| **id == all_devices).for_each(|id| *id = "d");
    last.sort_unstable();
    last.concat()
}

#[tokio::test]
async fn a_cast_to_a_derived_type_is_null_in_values_of_other_types() {
    let server = Server::start().await;
    let client = server.client();
    let assignments = assignments(&client).await;
    let group = "target/microsoft.graph.groupAssignmentTarget/groupId";
    let excluded = "target/microsoft.graph.exclusionGroupAssignmentTarget/groupId";
    let declared = "target/microsoft.graph.deviceAndAppManagementAssignmentTarget";
    for (filter, expected) in [
        (format!("{group} ne null"), "gx"),
        (format!("{excluded} ne null"), "x"),
        (format!("{excluded} eq 'g'"), ""),
        (format!("{excluded} ne 'x'"), "cdg"),
        ("TARGET/Graph.GroupAssignmentTarget/GROUPID in ('x','c')".into(), "x"),
        ("target/microsoft.graph.groupAssignmentTarget/microsoft.graph.exclusionGroupAssignmentTarget/groupId eq 'x'".into(), "x"),
        (format!("{declared}/deviceAndAppManagementAssignmentFilterId eq 'f'"), "d"),
        ("target/microsoft.graph.allDevicesAssignmentTarget/deviceAndAppManagementAssignmentFilterType eq 'none'".into(), "d"),
        ("microsoft.graph.deviceManagementScriptAssignment/target/groupId eq 'g'".into(), "g"),
    ] {
        assert_eq!(found(&client, &assignments, &filter).await, expected, "{filter}");
    }
    let order = format!("{assignments}?$top=1&$orderby={group} desc,id");
    let sorted = client.ids(&order).await;
    let last: Vec<&str> = sorted[..2].iter().map(|id| &id[id.len() - 1..]).collect();
    assert_eq!((sorted.len(), last), (4, vec!["x", "g"]));
}

#[tokio::test]
async fn isof_asks_for_the_type_of_a_value() {
    let server = Server::start().await;
    let client = server.client();
    let assignments = assignments(&client).await;
    for (filter, expected) in [
        ("isof(target,microsoft.graph.groupAssignmentTarget)", "gx"),
        ("IsOf(target, 'graph.allDevicesAssignmentTarget')", "d"),
        ("not isof(target,'microsoft.graph.groupAssignmentTarget')", "cd"),
        ("isof(target,'microsoft.graph.deviceAndAppManagementAssignmentTarget')", "cdgx"),
        ("isof(microsoft.graph.deviceManagementScriptAssignment)", "cdgx"),
        ("isof(target,microsoft.graph.exclusionGroupAssignmentTarget) eq false", "cdg"),
    ] {
        assert_eq!(found(&client, &assignments, filter).await, expected, "{filter}");
    }
    client.post(DEVICES, &json!({ "id": "p" })).await.created();
    client.post(DEVICES, &json!({ "id": "q", "hardwareInformation": {} })).await.created();
    let known = "isof(hardwareInformation,microsoft.graph.hardwareInformation)";
    finds(&client, DEVICES, "id", &[(known, "q")]).await;
}

#[tokio::test]
async fn a_cast_to_the_type_of_an_entity_changes_nothing() {
    let server = Server::start().await;
    let client = server.client();
    client.post(SCRIPTS, &json!({ "displayName": "x", "deviceRunStates": [{}] })).await.created();
    let state = "microsoft.graph.deviceManagementScriptDeviceState";
    let script = "microsoft.graph.deviceManagementScript";
    let table = [
        (format!("{script}/displayName eq 'x'"), "x"),
        (format!("deviceRunStates/{state}/any(s:s/{state}/errorCode eq 0)"), "x"),
        (format!("deviceRunStates/{state}/$count eq 1"), "x"),
        (format!("runSummary/{script}RunSummary/errorDeviceCount eq 0"), "x"),
    ];
    let table: Vec<_> = table.iter().map(|(filter, found)| (&**filter, *found)).collect();
    finds(&client, SCRIPTS, "displayName", &table).await;
    let expand = format!("{script}/assignments/{script}Assignment");
    let query = format!("$select={script}/id,displayName&$expand={expand}");
    let shown = client.get(&format!("{SCRIPTS}?{query}")).await.ok()["value"][0].clone();
    let names: Vec<&String> = shown.as_object().unwrap().keys().collect();
    assert_eq!(names, ["assignments", "assignments@odata.context", "displayName", "id"]);
}

#[tokio::test]
async fn a_cast_to_another_type_is_400_and_named() {
    let server = Server::start().await;
    let client = server.client();
    let assignments = assignments(&client).await;
    let own = "microsoft.graph.deviceManagementScriptAssignment";
    let only = format!("an entity of type '{own}' can only be cast to {own}.");
    let entity = format!("a value of type '{own}' can only be cast to {own}.");
    let targets = "a value of type 'microsoft.graph.deviceAndAppManagementAssignmentTarget' can only \
                   be cast to microsoft.graph.deviceAndAppManagementAssignmentTarget, \
                   microsoft.graph.allDevicesAssignmentTarget, ";
    for (query, begin, rest) in [
        (
            "$filter=target/microsoft.graph.user/id eq 'a'",
            "'microsoft.graph.user' at column 8 of $filter",
            targets,
        ),
        (
            "$filter=isof(target,'microsoft.graph.user')",
            "'microsoft.graph.user' at column 13 of $filter",
            targets,
        ),
        (
            "$orderby=microsoft.graph.user/id",
            "'microsoft.graph.user' at column 1 of $orderby",
            &*entity,
        ),
        ("$filter=isof(microsoft.graph.user)", "'microsoft.graph.user' at column 6", &*entity),
        ("$select=id,microsoft.graph.user/id", "'microsoft.graph.user' in $select", &*only),
        ("$expand=microsoft.graph.user/a", "'microsoft.graph.user' in $expand", &*only),
    ] {
        let message =
            client.get(&format!("{assignments}?{query}")).await.refused(400, "BadRequest");
        assert!(message.starts_with(begin), "{query}: {message}");
        assert!(message.contains(&format!(" is a type cast, but {rest}")), "{query}: {message}");
    }
    let message = client.get(&format!("{SCRIPTS}?$expand=assignments/microsoft.graph.user")).await;
    let message = message.refused(400, "BadRequest");
    assert!(message.contains("'microsoft.graph.user' in $expand is a type cast"), "{message}");
    for (filter, message) in [
        (
            "target/microsoft.graph.allDevicesAssignmentTarget/groupId eq 'g'",
            "Could not find a property named 'groupId' on type \
             'microsoft.graph.allDevicesAssignmentTarget', at column 51 of $filter.",
        ),
        (
            "isof(id,Edm.String)",
            "The value of $filter is not valid at column 6: 'isof' needs a complex value and, after \
             it, the name of its type or of a type derived from it.",
        ),
        (
            "isof(target,id,id)",
            "The value of $filter is not valid at column 1: 'isof' takes 1 or 2 arguments, not 3.",
        ),
    ] {
        let reply = client.get(&format!("{assignments}?$filter={}", encoded(filter))).await;
        assert_eq!(reply.refused(400, "BadRequest"), message);
    }
}
