//! `PATCH` with `Prefer: create-if-missing`: does a client report with one call, the first time and
//! every time?

mod refusals;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, Reply, SCRIPTS, Server, send};

/// Sends an upsert with more headers.
async fn upsert_with(client: &Client, path: &str, body: &Json, headers: &[(&str, &str)]) -> Reply {
    let request = client.request(Method::PATCH, path).header("Prefer", "create-if-missing");
    let request = headers.iter().fold(request, |it, (name, value)| it.header(*name, *value));
    send(request.header("Content-Type", "application/json").body(body.to_string())).await
}

async fn upsert(client: &Client, path: &str, body: &Json) -> Reply {
    upsert_with(client, path, body, &[]).await
}

/// The path of a run state with this id.
fn state(parent: &str, id: &str) -> String {
    format!("{parent}/deviceRunStates('{id}')")
}

/// The members of a run state, without annotations.
fn members(mut entity: Json) -> Json {
    entity.as_object_mut().unwrap().retain(|name, _| !name.starts_with('@'));
    entity
}

#[tokio::test]
async fn the_first_report_creates_the_run_state() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let body = json!({ "runState": "fail", "errorCode": 5 });
    let reply = upsert(&client, &state(&script, "one"), &body).await;
    let created = reply.created();
    let root = server.base();
    let id = script.rsplit('/').next().unwrap();
    let expected = json!({
        "@odata.context": format!(
            "{root}/beta/$metadata#deviceManagement/deviceManagementScripts('{id}')\
             /deviceRunStates/$entity"
        ),
        "@odata.type": "#microsoft.graph.deviceManagementScriptDeviceState",
        "id": "one",
        "runState": "fail",
        "resultMessage": null,
        "lastStateUpdateDateTime": "0001-01-01T00:00:00Z",
        "errorCode": 5,
        "errorDescription": null,
    });
    assert_eq!(created, expected);
    assert_eq!(reply.header("preference-applied"), Some("create-if-missing"));
    let location = format!("{root}{script}/deviceRunStates/one");
    assert_eq!(reply.header("location"), Some(&*location));
    let read = client.get(&location).await;
    assert_eq!(read.ok(), expected);
    assert_eq!(read.header("etag"), reply.header("etag"));
}

#[tokio::test]
async fn every_later_report_changes_what_it_names() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let path = state(&script, "one");
    let first = json!({ "runState": "fail", "errorCode": 5, "resultMessage": "no" });
    upsert(&client, &path, &first).await.created();
    let reply = upsert(&client, &path, &json!({ "runState": "success", "id": "other" })).await;
    let expected = json!({
        "id": "one",
        "runState": "success",
        "resultMessage": "no",
        "lastStateUpdateDateTime": "0001-01-01T00:00:00Z",
        "errorCode": 5,
        "errorDescription": null,
    });
    assert_eq!(members(reply.ok()), expected);
    assert_eq!(reply.header("preference-applied"), Some("create-if-missing"));
    assert_eq!(reply.header("location"), None);
    assert_eq!(members(client.get(&path).await.ok()), expected);
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(
        (&summary["successDeviceCount"], &summary["errorDeviceCount"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn a_repeated_report_leaves_the_entity_tag_alone() {
    let server = Server::start().await;
    let client = server.client();
    let path = state(&client.new_script().await, "one");
    let body = json!({ "runState": "success" });
    let first = upsert(&client, &path, &body).await;
    let second = upsert(&client, &path, &body).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.header("etag"), second.header("etag"));
    let third = upsert(&client, &path, &json!({ "runState": "fail" })).await;
    assert_ne!(third.header("etag"), second.header("etag"));
}

#[tokio::test]
async fn without_the_preference_a_missing_run_state_is_not_found() {
    let server = Server::start().await;
    let client = server.client();
    let path = state(&client.new_script().await, "one");
    client.patch(&path, &json!({})).await.refused(404, "ResourceNotFound");
    let other = client.request(Method::PATCH, &path).header("Prefer", "create-if-missing=no");
    let other = send(other.header("Content-Type", "application/json").body("{}")).await;
    other.refused(404, "ResourceNotFound");
    client.get(&path).await.refused(404, "ResourceNotFound");
}

#[tokio::test]
async fn a_run_state_of_a_user_is_reported_below_the_user() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let (adele, bert) = (
        client.new_user_state(&script, "adele").await,
        client.new_user_state(&script, "bert").await,
    );
    let fail = json!({ "runState": "fail" });
    upsert(&client, &state(&adele, "one"), &fail).await.created();
    upsert(&client, &state(&adele, "one"), &fail).await.ok();
    assert_eq!(client.get(&adele).await.ok()["errorDeviceCount"], 1);

    // Of another user, and of none.
    let conflict = upsert(&client, &state(&bert, "one"), &json!({})).await;
    conflict.refused(409, "Conflict");
    upsert(&client, &state(&script, "two"), &json!({})).await.created();
    upsert(&client, &state(&bert, "two"), &json!({})).await.refused(409, "Conflict");
    assert_eq!(client.ids(&format!("{bert}/deviceRunStates")).await, Vec::<String>::new());

    // Below the script it is found, and stays the user's.
    upsert(&client, &state(&script, "one"), &json!({ "runState": "success" })).await.ok();
    let counts = client.get(&adele).await.ok();
    assert_eq!(
        (&counts["errorDeviceCount"], &counts["successDeviceCount"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test]
async fn a_client_may_ask_for_no_entity_in_the_reply() {
    let server = Server::start().await;
    let client = server.client();
    let path = state(&client.new_script().await, "one");
    for is_new in [true, false] {
        let reply = upsert_with(&client, &path, &json!({}), &[("Prefer", "return=minimal")]).await;
        assert_eq!((reply.status, &*reply.body), (204, ""));
        let applied = Some("create-if-missing, return=minimal");
        assert_eq!(reply.header("preference-applied"), applied);
        assert_eq!(reply.header("location").is_some(), is_new);
        assert_eq!(reply.header("odata-entityid"), reply.header("location"));
    }
}

#[tokio::test]
async fn user_states_and_devices_are_created_if_missing_but_scripts_are_not() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = format!("{script}/userRunStates('adele')");
    let name = json!({ "userPrincipalName": "adele@example.com" });
    upsert(&client, &user, &name).await.created();
    let user = upsert(&client, &user, &json!({ "successDeviceCount": 7 })).await.ok();
    assert_eq!(user["userPrincipalName"], "adele@example.com");
    let device = format!("{DEVICES}/laptop");
    upsert(&client, &device, &json!({ "deviceName": "old" })).await.created();
    let device = upsert(&client, &device, &json!({ "deviceName": "new" })).await.ok();
    assert_eq!((&device["id"], &device["deviceName"]), (&json!("laptop"), &json!("new")));

    let unknown = format!("{SCRIPTS}/{}", uuid::Uuid::now_v7());
    let name = json!({ "displayName": "Script" });
    upsert(&client, &unknown, &name).await.refused(404, "ResourceNotFound");
    let changed = upsert(&client, &script, &name).await;
    changed.ok();
    assert_eq!(changed.header("preference-applied"), None);
}

#[tokio::test]
async fn the_items_of_a_batch_may_be_upserts() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let path = state(&script, "one");
    let url = path.strip_prefix("/beta").unwrap();
    let item = |id: &str, body: Json| {
        let headers = json!({
            "Content-Type": "application/json",
            "Prefer": "create-if-missing, return=minimal",
        });
        json!({ "id": id, "method": "PATCH", "url": url, "headers": headers, "body": body })
    };
    let mut second = item("2", json!({ "runState": "fail" }));
    second["dependsOn"] = json!(["1"]);
    let batch = json!({ "requests": [item("1", json!({ "errorCode": 3 })), second] });
    let replies = client.post("/beta/$batch", &batch).await.ok();
    for reply in replies["responses"].as_array().unwrap() {
        assert_eq!(reply["status"], 204, "{replies}");
        let is_first = reply["id"] == "1";
        assert_eq!(reply["headers"].get("Location").is_some(), is_first, "{replies}");
    }
    let read = client.get(&path).await.ok();
    assert_eq!((&read["runState"], &read["errorCode"]), (&json!("fail"), &json!(3)));
}

#[tokio::test]
async fn tenants_report_the_same_id_without_meeting() {
    let server = Server::start().await;
    let (client, other) = (server.client(), server.other_tenant());
    for client in [&client, &other] {
        upsert(client, &format!("{DEVICES}/laptop"), &json!({})).await.created();
    }
    let path = format!("{DEVICES}/laptop");
    upsert(&client, &path, &json!({ "deviceName": "mine" })).await.ok();
    assert_eq!(other.get(&path).await.ok()["deviceName"], Json::Null);
}

#[tokio::test]
async fn of_many_first_reports_at_once_one_creates_and_the_others_change() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let (path, body) = (state(&script, "hot"), json!({ "runState": "success" }));
    let reports = (0..40).map(|_| upsert(&client, &path, &body));
    let statuses: Vec<u16> =
        futures_util::future::join_all(reports).await.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses.iter().filter(|it| **it == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|it| **it == 200).count(), 39, "{statuses:?}");
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(summary["successDeviceCount"], 1);
}
