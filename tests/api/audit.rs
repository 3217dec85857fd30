//! The record of changes: does each change have an event, does every event have a change, and who may
//! read them?

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, SCRIPTS, Server, encoded, send};

const EVENTS: &str = "/beta/deviceManagement/auditEvents";
const READER: &str = "DeviceManagementApps.Read.All";

/// The events of the tenant, the oldest first.
async fn events(server: &Server) -> Vec<Json> {
    let path = format!("{EVENTS}?$orderby=activityDateTime,id");
    let page = server.client_with_scopes(&[READER]).get(&path).await.ok();
    page["value"].as_array().unwrap().clone()
}

/// Operation, type and id of the one resource of each event.
async fn changes(server: &Server) -> Vec<(String, String)> {
    let changed = |event: &Json| {
        let text = |json: &Json| json.as_str().unwrap().to_owned();
        (text(&event["activityType"]), text(&event["resources"][0]["resourceId"]))
    };
    events(server).await.iter().map(changed).collect()
}

async fn assign(client: &Client, script: &str, group: &str) {
    let group = json!({ "targetGroupId": group });
    let body = json!({ "deviceManagementScriptGroupAssignments": [group] });
    assert_eq!(client.post(&format!("{script}/assign"), &body).await.status, 204);
}

#[tokio::test]
async fn an_event_says_who_changed_which_property() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({ "displayName": "before", "scriptContent": "AAE=", "runAs32Bit": true });
    let script = client.post(SCRIPTS, &body).await.created();
    let id = script["id"].as_str().unwrap();
    let path = format!("{SCRIPTS}/{id}");
    let request = client.request(Method::PATCH, &path).header("client-request-id", "my-change");
    let body = r#"{"displayName":"after","description":null,"runAsAccount":"user"}"#;
    let request = request.header("Content-Type", "application/json").body(body);
    assert_eq!(send(request).await.status, 200);
    let all = events(&server).await;
    assert_eq!(all.len(), 2, "{all:#?}");
    let created = &all[0]["resources"][0]["modifiedProperties"];
    let content =
        created.as_array().unwrap().iter().find(|it| it["displayName"] == "scriptContent");
    let digest = "b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2";
    assert_eq!(content.unwrap()["newValue"], format!("2 bytes, SHA-256 {digest}"));
    let mut event = all[1].clone();
    let actor = event["actor"].take();
    let time = event["activityDateTime"].take();
    assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    let own_id = event["id"].take();
    assert_eq!(
        event,
        json!({
            "id": null,
            "displayName": "Patch DeviceManagementScript",
            "componentName": "DeviceConfiguration",
            "activity": null,
            "activityDateTime": null,
            "activityType": "Patch DeviceManagementScript",
            "activityOperationType": "Patch",
            "activityResult": "Success",
            "correlationId": "my-change",
            "category": "DeviceConfiguration",
            "actor": null,
            "resources": [{
                "displayName": "after",
                "modifiedProperties": [
                    { "displayName": "displayName", "oldValue": "before", "newValue": "after" },
                    { "displayName": "runAsAccount", "oldValue": "system", "newValue": "user" },
                ],
                "type": "deviceManagementScript",
                "auditResourceType": "deviceManagementScript",
                "resourceId": id,
            }],
        })
    );
    assert_eq!(actor["auditActorType"], "ItPro");
    assert_eq!(actor["userPrincipalName"], "user@runstate.local");
    assert_eq!(actor["userPermissions"], json!(["DeviceManagementManagedDevices.ReadWrite.All"]));
    assert_eq!(actor["ipAddress"], "127.0.0.1");
    let own = format!("{EVENTS}/{}", own_id.as_str().unwrap());
    let reader = server.client_with_scopes(&[READER]);
    assert_eq!(reader.get(&own).await.ok()["correlationId"], "my-change");
}

#[tokio::test]
async fn each_change_of_a_script_and_its_assignments_has_one_event() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let id = script.rsplit('/').next().unwrap();
    let group = "0f3c1d7e-0000-4000-8000-000000000001";
    assign(&client, &script, group).await;
    assert_eq!(client.delete(&script).await.status, 204);
    let assignment = format!("{id}:{group}");
    let expected = [
        ("Create DeviceManagementScript", id),
        ("Create DeviceManagementScriptAssignment", &assignment),
        ("Delete DeviceManagementScript", id),
    ];
    let expected = expected.map(|(kind, id)| (kind.to_owned(), id.to_owned()));
    assert_eq!(changes(&server).await, expected);
}

#[tokio::test]
async fn a_change_that_is_not_committed_has_no_event() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let request = client.request(Method::PATCH, &script).header("If-Match", "W/\"other\"");
    let request = request.header("Content-Type", "application/json").body("{}");
    assert_eq!(send(request).await.status, 412);
    assert_eq!(
        client.patch(&format!("{SCRIPTS}/{}", server.tenant()), &json!({})).await.status,
        404
    );
    let wrong = json!({ "displayName": 1 });
    assert_eq!(client.post(SCRIPTS, &wrong).await.status, 400);
    assert_eq!(changes(&server).await.len(), 1);
}

#[tokio::test]
async fn an_item_of_a_batch_and_a_write_with_a_key_have_an_event_each() {
    let server = Server::start().await;
    let client = server.client();
    let item = json!({
        "id": "1", "method": "POST", "url": "/deviceManagement/deviceManagementScripts", "body": { "displayName": "batch" },
        "headers": { "Content-Type": "application/json" },
    });
    let batch = client.post("/beta/$batch", &json!({ "requests": [item] })).await.ok();
    assert_eq!(batch["responses"][0]["status"], 201);
    for status in [201, 201] {
        let request = client.request(Method::POST, SCRIPTS).header("Idempotency-Key", "once");
        let request = request.header("Content-Type", "application/json");
        assert_eq!(send(request.body(r#"{"displayName":"key"}"#)).await.status, status);
    }
    assert_eq!(changes(&server).await.len(), 2);
    assert_eq!(events(&server).await[1]["actor"]["userPrincipalName"], "user@runstate.local");
}

#[tokio::test]
async fn reports_and_devices_are_not_recorded() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let state = json!({ "runState": "fail" });
    client.post(&format!("{script}/deviceRunStates"), &state).await.created();
    client.post(DEVICES, &json!({ "deviceName": "one" })).await.created();
    assert_eq!(changes(&server).await.len(), 1);
}

#[tokio::test]
async fn a_policy_of_retention_has_an_event() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({ "historyDays": 30 });
    client.patch("/runstate/v1/retention", &body).await.ok();
    let event = &events(&server).await[0];
    assert_eq!(event["activityType"], "Create RetentionPolicy");
    let expected = json!([{ "displayName": "historyDays", "oldValue": null, "newValue": "30" }]);
    assert_eq!(event["resources"][0]["modifiedProperties"], expected);
}

#[tokio::test]
async fn tools_find_the_changes_of_a_time_by_their_own_query() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    client.patch(&script, &json!({ "displayName": "later" })).await.ok();
    let reader = server.client_with_scopes(&[READER]);
    let filter = "componentName eq 'DeviceConfiguration' and activityDateTime gt \
                  2026-01-01T00:00:00Z and activityOperationType ne 'Get'";
    let filter = encoded(filter);
    let path = format!("{EVENTS}?$filter={filter}&$orderby=activityDateTime%20desc");
    let found = reader.get(&path).await.ok();
    let kinds: Vec<&Json> =
        found["value"].as_array().unwrap().iter().map(|it| &it["activityOperationType"]).collect();
    assert_eq!(kinds, ["Patch", "Create"]);
    assert_eq!(reader.get(&format!("{EVENTS}/$count")).await.body, "2");
}

#[tokio::test]
async fn events_are_read_only_and_belong_to_a_tenant() {
    let server = Server::start().await;
    let client = server.client();
    client.new_script().await;
    let message = client.get(EVENTS).await.refused(403, "Forbidden");
    assert!(message.contains(READER), "{message}");
    let writer = server.client_with_scopes(&["DeviceManagementApps.ReadWrite.All"]);
    let id = events(&server).await[0]["id"].as_str().unwrap().to_owned();
    for (method, path) in [
        (Method::POST, EVENTS.to_owned()),
        (Method::PATCH, format!("{EVENTS}/{id}")),
        (Method::DELETE, format!("{EVENTS}/{id}")),
    ] {
        let request = writer.request(method.clone(), &path);
        let reply = send(request.header("Content-Type", "application/json").body("{}")).await;
        assert_eq!(reply.status, 405, "{method}");
        assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
    let other = server.other_tenant();
    assert_eq!(other.get(&format!("{EVENTS}/{id}")).await.status, 403);
}

#[tokio::test]
async fn events_are_removed_after_a_year() {
    let server = Server::start().await;
    server.client().new_script().await;
    server.client().new_script().await;
    let mut owner = server.database().await;
    sqlx::query(
        "UPDATE audit_event SET activity_date_time = ticks(now() - interval '366 days') \
         WHERE id = (SELECT min(id) FROM audit_event)",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    assert!(server.service().store.maintain().await.unwrap());
    assert_eq!(changes(&server).await.len(), 1);
}
