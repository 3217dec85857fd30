//! Does a retry with a key get the reply to the first request?

use serde_json::{Value as Json, json};

use super::{assert_replayed, count, post, request};
use crate::harness::{DEVICES, SCRIPTS, Server, members, send};

#[tokio::test]
async fn a_retry_with_a_key_gets_the_first_reply_on_every_route() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    let families = ["deviceShellScripts", "deviceCustomAttributeShellScripts"];
    let families = families.map(|family| format!("/beta/deviceManagement/{family}"));
    let deep = json!({ "displayName": "S", "userRunStates": [{ "deviceRunStates": [{}, {}] }] });
    for (index, (collection, body)) in [
        (SCRIPTS.to_owned(), deep),
        (families[0].clone(), json!({ "scriptContent": "AAAA" })),
        (families[1].clone(), json!({})),
        (DEVICES.to_owned(), json!({ "deviceName": "\u{1F600} \\\" é" })),
        (format!("{script}/userRunStates"), json!({})),
        (format!("{script}/deviceRunStates"), json!({ "id": "mine", "runState": "fail" })),
        (format!("{user}/deviceRunStates"), json!({})),
        (format!("{script}/groupAssignments"), json!({ "targetGroupId": "g" })),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("key-{index}");
        let first = post(&client, &collection, &key, &body).await;
        let id = first.created()["id"].as_str().unwrap().to_owned();
        assert!(first.header("location").unwrap().ends_with(&id), "{first:?}");
        let before = count(&client, &collection).await;
        for _ in 0..2 {
            assert_replayed(&first, &post(&client, &collection, &key, &body).await);
        }
        assert_eq!(count(&client, &collection).await, before, "{collection}");
    }
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(summary["errorDeviceCount"], 1);
}

#[tokio::test]
async fn a_retry_with_a_key_must_request_the_same_format() {
    let server = Server::start().await;
    let client = server.client();
    let ask = async |name, value: &str, key| {
        send(request(&client, SCRIPTS, key, &json!({})).header(name, value)).await
    };
    for (key, name, value, status) in [
        ("full", "Accept", "application/json;odata.metadata=full", 201),
        ("none", "Accept", "application/json;odata.metadata=none", 201),
        ("minimal", "Prefer", "return=minimal", 204),
    ] {
        let first = ask(name, value, key).await;
        assert_eq!(first.status, status);
        assert_replayed(&first, &ask(name, value, key).await);
        post(&client, SCRIPTS, key, &json!({})).await.refused(422, "UnprocessableEntity");
    }
    assert_eq!(count(&client, SCRIPTS).await, "3");
}

#[tokio::test]
async fn a_reply_is_replayed_after_its_entity_was_changed_or_deleted() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({ "displayName": "as it was" });
    let first = post(&client, SCRIPTS, "key", &body).await;
    let script = format!("{SCRIPTS}/{}", first.created()["id"].as_str().unwrap());
    let states = format!("{script}/deviceRunStates");
    let state = post(&client, &states, "state", &json!({})).await;
    client.patch(&script, &json!({ "displayName": "as it is" })).await.ok();
    assert_replayed(&first, &post(&client, SCRIPTS, "key", &body).await);
    assert_eq!(client.delete(&script).await.status, 204);
    assert_replayed(&first, &post(&client, SCRIPTS, "key", &body).await);
    assert_replayed(&state, &post(&client, &states, "state", &json!({})).await);
    assert_eq!(count(&client, SCRIPTS).await, "0");
}

#[tokio::test]
async fn retrying_an_assign_does_not_undo_later_changes() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let assign = |group: &str| json!({ "deviceManagementScriptGroupAssignments": [{ "targetGroupId": group }] });
    let path = format!("{script}/assign");
    let first = post(&client, &path, "key", &assign("a")).await;
    assert_eq!((first.status, &*first.body), (204, ""));
    client.post(&path, &assign("b")).await;
    assert_replayed(&first, &post(&client, &path, "key", &assign("a")).await);
    let groups = client.get(&format!("{script}/groupAssignments")).await.ok();
    assert_eq!(members(&groups, "targetGroupId"), ["b"]);
    post(&client, &path, "key", &assign("c")).await.refused(422, "UnprocessableEntity");
}

#[tokio::test]
async fn each_item_of_a_batch_may_have_a_key() {
    let server = Server::start().await;
    let client = server.client();
    let item = |id: &str, key: &str, name: &str| {
        let headers = json!({ "Content-Type": "application/json", "idempotency-key": key });
        let url = "/deviceManagement/deviceManagementScripts";
        let body = json!({ "displayName": name });
        json!({ "id": id, "method": "POST", "url": url, "headers": headers, "body": body })
    };
    let requests = json!([item("1", "a", "one"), item("2", "b", "two"), item("3", "", "three")]);
    let batch = json!({ "requests": requests });
    let [first, again] = [0, 1].map(|_| client.post("/beta/$batch", &batch));
    let (first, again) = (first.await.ok(), again.await.ok());
    for place in [0, 1] {
        let of = |reply: &Json| reply["responses"][place].clone();
        assert_eq!(
            (of(&first)["status"].clone(), of(&first)["body"].clone()),
            (json!(201), of(&again)["body"].clone())
        );
        assert_eq!(of(&first)["headers"].get("Idempotency-Replayed"), None);
        assert_eq!(of(&again)["headers"]["Idempotency-Replayed"], "true");
    }
    assert_eq!(first["responses"][2]["status"], 400);
    let other = json!({ "requests": [item("1", "a", "other")] });
    let other = client.post("/beta/$batch", &other).await.ok();
    assert_eq!(other["responses"][0]["status"], 422);
    assert_eq!(count(&client, SCRIPTS).await, "2");
    let message = post(&client, "/beta/$batch", "key", &batch).await.refused(400, "BadRequest");
    assert!(message.contains("Idempotency-Key"), "{message}");
}
