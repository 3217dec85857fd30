//! Which upserts are refused, and do they change nothing?

use serde_json::json;

use super::{state, upsert, upsert_with};
use crate::harness::{DEVICES, SCRIPTS, Server};

#[tokio::test]
async fn an_upsert_needs_its_parents_and_its_device() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let unknown = format!("{SCRIPTS}/{}", uuid::Uuid::now_v7());
    let (absent, foreign) =
        (format!("{script}/userRunStates/nobody"), server.other_tenant().new_script().await);
    for parent in [&unknown, &absent, &foreign] {
        let reply = upsert(&client, &state(parent, "one"), &json!({})).await;
        reply.refused(404, "ResourceNotFound");
    }
    let bound = json!({ "managedDevice@odata.bind": "deviceManagement/managedDevices('d')" });
    upsert(&client, &state(&script, "one"), &bound).await.refused(400, "BadRequest");
    client.get(&state(&script, "one")).await.refused(404, "ResourceNotFound");
    client.post(DEVICES, &json!({ "id": "d", "deviceName": "laptop" })).await.created();
    upsert(&client, &state(&script, "one"), &bound).await.created();
    upsert(&client, &state(&script, "one"), &bound).await.ok();
    let device = client.get(&format!("{}/managedDevice", state(&script, "one"))).await.ok();
    assert_eq!(device["deviceName"], "laptop");
    let other = json!({ "managedDevice@odata.bind": "deviceManagement/managedDevices('e')" });
    upsert(&client, &state(&script, "one"), &other).await.refused(400, "BadRequest");
}

#[tokio::test]
async fn a_condition_limits_an_upsert_to_one_of_its_halves() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let (path, body) = (state(&script, "one"), json!({}));
    let only_update = [("If-Match", "*")];
    let only_create = [("If-None-Match", "*")];
    upsert_with(&client, &path, &body, &only_update).await.refused(404, "ResourceNotFound");
    let created = upsert_with(&client, &path, &body, &only_create).await;
    created.created();
    assert_eq!(created.header("preference-applied"), Some("create-if-missing"));
    let again = upsert_with(&client, &path, &json!({ "errorCode": 1 }), &only_create).await;
    let message = again.refused(412, "PreconditionFailed");
    assert!(message.starts_with("The entity exists already"), "{message}");
    assert_eq!(client.get(&path).await.ok()["errorCode"], 0);
    let updated = upsert_with(&client, &path, &body, &only_update).await;
    updated.ok();
    assert_eq!(updated.header("preference-applied"), Some("create-if-missing"));

    let tag = created.header("etag").unwrap();
    let change = json!({ "errorCode": 2 });
    upsert_with(&client, &path, &change, &[("If-Match", tag)]).await.ok();
    let stale = upsert_with(&client, &path, &change, &[("If-Match", tag)]).await;
    stale.refused(412, "PreconditionFailed");

    let user = client.new_user_state(&script, "adele").await;
    let of_another = upsert_with(&client, &state(&user, "one"), &body, &only_create).await;
    of_another.refused(409, "Conflict");
    for headers in [&[("If-None-Match", tag)][..], &[("If-Match", "*"), ("If-None-Match", "*")]] {
        let message = upsert_with(&client, &path, &body, headers).await.refused(400, "BadRequest");
        assert!(message.contains("if-none-match"), "{message}");
    }
}

#[tokio::test]
async fn a_wrong_upsert_is_refused_and_creates_nothing() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = format!("{script}/userRunStates('adele')");
    let nested = json!({ "deviceRunStates": [{}] });
    let refusals = [
        (state(&script, "a"), json!({ "runState": "sytem" }), "runState"),
        (state(&script, "a"), json!({ "unknown": 1 }), "unknown"),
        (state(&script, "a"), json!([]), "object"),
        (user, nested, "deviceRunStates"),
        (state(&script, &"x".repeat(256)), json!({}), "'id'"),
        (state(&script, "a%2Fb"), json!({}), "'id'"),
    ];
    for (path, body, named) in refusals {
        let reply = upsert(&client, &path, &body).await;
        assert_eq!(reply.status, 400, "{path}: {reply:?}");
        assert!(reply.body.contains(named), "{path}: {reply:?}");
    }
    assert_eq!(client.get(&format!("{script}/deviceRunStates/$count")).await.body, "0");
    assert_eq!(client.get(&format!("{script}/userRunStates/$count")).await.body, "0");
}
