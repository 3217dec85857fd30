//! Some entity types share a table. Does each type read and write only its own rows, and does an entity
//! tag change only with its own entity?

use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, Server};
use crate::permissions::routes::{FAMILIES, new_script, with_device};

const ROOT: &str = "/beta/deviceManagement";
const GROUP: &str = "#microsoft.graph.groupAssignmentTarget";
const ALL_USERS: &str = "#microsoft.graph.allLicensedUsersAssignmentTarget";

fn target(of_type: &str) -> Json {
    json!({ "target": { "@odata.type": of_type } })
}

async fn count(client: &Client, collection: &str) -> String {
    client.get(&format!("{collection}/$count")).await.body
}

#[tokio::test]
async fn a_script_is_in_the_collection_of_its_own_family_only() {
    let (_server, client) = with_device().await;
    for family in FAMILIES {
        let script = new_script(&client, family, true).await;
        for other in FAMILIES.into_iter().filter(|other| *other != family) {
            let (collection, path) =
                (format!("{ROOT}/{other}"), format!("{ROOT}/{other}/{script}"));
            for below in ["", "/assignments", "/deviceRunStates", "/runSummary", "/userRunStates"] {
                let path = format!("{path}{below}");
                client.get(&path).await.refused(404, "ResourceNotFound");
            }
            let change = json!({ "displayName": "changed" });
            client.patch(&path, &change).await.refused(404, "ResourceNotFound");
            client.delete(&path).await.refused(404, "ResourceNotFound");
            let new = client.post(&format!("{path}/userRunStates"), &json!({})).await;
            new.refused(404, "ResourceNotFound");
            let assign = json!({ "deviceManagementScriptAssignments": [] });
            let assign = client.post(&format!("{path}/assign"), &assign).await;
            assign.refused(404, "ResourceNotFound");
            assert!(!client.ids(&collection).await.contains(&script), "{other}");
        }
        let kept = client.get(&format!("{ROOT}/{family}/{script}?$expand=assignments")).await.ok();
        assert_ne!(kept["displayName"], "changed");
        assert_ne!(kept["assignments"], json!([]));
        assert_eq!(count(&client, &format!("{ROOT}/{family}")).await, "1");
    }
}

#[tokio::test]
async fn an_assignment_without_a_group_is_no_group_assignment() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let (assignments, groups) =
        (format!("{script}/assignments"), format!("{script}/groupAssignments"));
    let new = client.post(&assignments, &target(ALL_USERS)).await.created();
    let id = new["id"].as_str().unwrap();
    let other = client.post(&groups, &json!({ "targetGroupId": "g" })).await.created();

    let path = format!("{groups}/{id}");
    client.get(&path).await.refused(404, "ResourceNotFound");
    let change = json!({ "targetGroupId": "h" });
    client.patch(&path, &change).await.refused(404, "ResourceNotFound");
    client.delete(&path).await.refused(404, "ResourceNotFound");
    assert_eq!(client.get(&format!("{assignments}/{id}")).await.ok()["target"], new["target"]);
    assert_eq!(client.ids(&groups).await, [other["id"].as_str().unwrap()]);
    assert_eq!(count(&client, &groups).await, "1");
    assert_eq!(count(&client, &assignments).await, "2");
    let some = format!("{script}?$expand=groupAssignments&$select=id");
    let expanded = client.get(&some).await.ok();
    assert_eq!(expanded["groupAssignments"].as_array().unwrap().len(), 1);
    for (filter, found) in [("assignments/$count eq 2", 1), ("groupAssignments/$count eq 2", 0)] {
        let scripts = script.rsplit_once('/').unwrap().0;
        let page = client.get(&format!("{scripts}?$filter={filter}")).await.ok();
        assert_eq!(page["value"].as_array().unwrap().len(), found, "{filter}");
    }
}

async fn tags<const COUNT: usize>(client: &Client, paths: [&str; COUNT]) -> [String; COUNT] {
    let mut tags = paths.map(str::to_owned);
    for tag in &mut tags {
        let reply = client.get(tag).await;
        reply.ok();
        *tag = reply.header("etag").unwrap().to_owned();
    }
    tags
}

#[tokio::test]
async fn an_entity_tag_changes_only_when_its_own_entity_changes() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    let states = format!("{user}/deviceRunStates");
    let state = format!("{states}/one");
    let groups = format!("{script}/groupAssignments");
    let group = client.post(&groups, &json!({ "targetGroupId": "g" })).await.created();
    let [group, assignment] = ["groupAssignments", "assignments"]
        .map(|kind| format!("{script}/{kind}/{}", group["id"].as_str().unwrap()));
    client.post(DEVICES, &json!({ "id": "device" })).await.created();
    client.post(&states, &json!({ "id": "one" })).await.created();

    let paths = [&*script, &format!("{script}/runSummary"), &user, &state, &assignment, &group];
    let mut before = tags(&client, paths).await;
    let in_group = json!({ "target": { "@odata.type": GROUP, "groupId": "h" } });
    let filtered = json!({ "target": { "@odata.type": GROUP, "groupId": "h",
        "deviceAndAppManagementAssignmentFilterType": "include" } });
    let device = json!({ "managedDevice@odata.bind": "deviceManagement/managedDevices('device')" });
    for (path, change, changed) in [
        (&script, json!({ "displayName": "x" }), "100000"),
        // The new state is neither success nor error. It changes only the stored number of states.
        (&states, json!({ "id": "two", "runState": "pending" }), "000000"),
        (&states, json!({ "id": "three", "runState": "success" }), "011000"),
        (&state, json!({ "runState": "fail" }), "011100"),
        (&state, json!({ "resultMessage": "x" }), "000100"),
        (&state, device, "000100"),
        (&assignment, in_group, "000011"),
        (&assignment, filtered, "000010"),
        (&group, json!({ "targetGroupId": "i" }), "000011"),
        (&user, json!({ "userPrincipalName": "x" }), "001000"),
        (&user, json!({}), "000000"),
    ] {
        match path == &states {
            true => drop(client.post(path, &change).await.created()),
            false => drop(client.patch(path, &change).await.ok()),
        }
        let after = tags(&client, paths).await;
        let differs = before.iter().zip(&after).map(|(one, other)| u8::from(one != other));
        let differs: String = differs.map(|it| it.to_string()).collect();
        assert_eq!(differs, changed, "{path} {change}");
        before = after;
    }
}
