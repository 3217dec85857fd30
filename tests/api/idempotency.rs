//! Does a retry lose or double anything?

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, READ_SCOPE, Reply, SCRIPTS, Server, send, user};

/// A POST with a key, to complete by hand.
fn request(client: &Client, path: &str, key: &str, body: &Json) -> RequestBuilder {
    let request = client.request(Method::POST, path).header("Content-Type", "application/json");
    request.header("Idempotency-Key", key).body(body.to_string())
}

async fn post(client: &Client, path: &str, key: &str, body: &Json) -> Reply {
    send(request(client, path, key, body)).await
}

/// As [`post`], again and again while the server is busy, as a client does that is told when to come
/// back.
async fn post_patiently(client: &Client, path: &str, key: &str, body: &Json) -> Reply {
    loop {
        let reply = post(client, path, key, body).await;
        if reply.status != 503 {
            return reply;
        }
        reply.refused(503, "ServiceUnavailable");
        let seconds = reply.header("retry-after").unwrap().parse().unwrap();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
}

/// Holds where a reply is another one again, byte for byte, and says so; only the ids and the date
/// are its own.
#[track_caller]
fn assert_replayed(first: &Reply, again: &Reply) {
    assert_eq!(first.header("idempotency-replayed"), None, "{first:?}");
    assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again:?}");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_ne!(again.header("request-id"), first.header("request-id"));
    let own = ["idempotency-replayed", "request-id", "client-request-id", "date"];
    let others = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        own.iter().for_each(|name| drop(headers.remove(*name)));
        headers
    };
    assert_eq!(others(again), others(first));
}

async fn count(client: &Client, collection: &str) -> String {
    client.get(&format!("{collection}/$count")).await.body
}

#[tokio::test]
async fn the_same_id_again_is_409_on_every_route_and_the_first_stays() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    for (id, collection) in [
        ("a", format!("{script}/userRunStates")),
        ("b", format!("{script}/deviceRunStates")),
        ("c", format!("{user}/deviceRunStates")),
        ("d", DEVICES.to_owned()),
    ] {
        let body = json!({ "id": id });
        let first = client.post(&collection, &body).await;
        first.created();
        let before = count(&client, &collection).await;
        let again = client.post(&collection, &body).await.refused(409, "Conflict");
        assert!(again.contains(&format!("'{id}'")), "{again}");
        assert_eq!(count(&client, &collection).await, before);
        let found = client.get(&format!("{collection}/{id}")).await;
        assert_eq!(found.header("etag"), first.header("etag"));
    }
    let users = format!("{script}/userRunStates");
    let deep = json!({ "id": "deep", "deviceRunStates": [{ "id": "e" }, { "id": "b" }] });
    client.post(&users, &deep).await.refused(409, "Conflict");
    for path in [format!("{users}/deep"), format!("{script}/deviceRunStates/e")] {
        client.get(&path).await.refused(404, "ResourceNotFound");
    }
}

#[tokio::test]
async fn the_same_group_again_is_409_by_either_route() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let target = json!({ "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "g" });
    let (all, of_groups) = (format!("{script}/assignments"), format!("{script}/groupAssignments"));
    client.post(&all, &json!({ "target": target })).await.created();
    client.post(&all, &json!({ "target": target })).await.refused(409, "Conflict");
    client.post(&of_groups, &json!({ "targetGroupId": "g" })).await.refused(409, "Conflict");
    assert_eq!(count(&client, &all).await, "1");
}

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
async fn a_retry_with_a_key_is_answered_in_the_same_format() {
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
async fn a_client_that_hangs_up_and_comes_again_has_one_row() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let body = json!({ "runState": "success" });
    for number in 0..20_u64 {
        let key = format!("key-{number}");
        let patience = Duration::from_micros(number * 400);
        tokio::time::timeout(patience, post(&client, &states, &key, &body)).await.ok();
        let second = post(&client, &states, &key, &body).await;
        let third = post(&client, &states, &key, &body).await;
        assert_eq!((third.status, third.body), (201, second.body));
    }
    assert_eq!(count(&client, &states).await, "20");
    let script = states.strip_suffix("/deviceRunStates").unwrap();
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(summary["successDeviceCount"], 20);
}

#[tokio::test]
async fn of_many_retries_at_once_on_two_servers_one_writes_and_all_are_answered_alike() {
    let server = Server::start().await;
    let other = server.second().await;
    let clients = [server.client(), other.client()];
    let states = format!("{}/deviceRunStates", clients[0].new_script().await);
    let body = json!({ "errorCode": 7 });
    let posts = (0..20).map(|number| post_patiently(&clients[number % 2], &states, "one", &body));
    let replies = join_all(posts).await;
    let is_first = |reply: &&Reply| reply.header("idempotency-replayed").is_none();
    let first: Vec<&Reply> = replies.iter().filter(is_first).collect();
    assert_eq!(first.len(), 1, "{first:?}");
    first[0].created();
    for reply in replies.iter().filter(|reply| !is_first(reply)) {
        assert_replayed(first[0], reply);
    }
    assert_eq!(count(&clients[0], &states).await, "1");
}

#[tokio::test]
async fn a_key_with_another_request_is_422_and_changes_nothing() {
    let server = Server::start().await;
    let client = server.client();
    let (script, other) = (client.new_script().await, client.new_script().await);
    let states = format!("{script}/deviceRunStates");
    let first = post(&client, &states, "key", &json!({})).await;
    first.created();
    let assign = json!({ "deviceManagementScriptAssignments": [] });
    for (path, body) in [
        (states.clone(), json!({ "errorCode": 1 })),
        (format!("{other}/deviceRunStates"), json!({})),
        (format!("{script}/userRunStates"), json!({})),
        (format!("{script}/assign"), assign),
        (SCRIPTS.to_owned(), json!({})),
    ] {
        let message = post(&client, &path, "key", &body).await.refused(422, "UnprocessableEntity");
        assert!(message.contains("Idempotency-Key"), "{message}");
    }
    for collection in [states.clone(), format!("{other}/deviceRunStates")] {
        let expected = if collection == states { "1" } else { "0" };
        assert_eq!(count(&client, &collection).await, expected);
    }
    let spelled = format!("{}('{}')/DEVICERUNSTATES/", SCRIPTS, &script[SCRIPTS.len() + 1..]);
    assert_replayed(&first, &post(&client, &spelled, "\"key\"", &json!({})).await);
}

#[tokio::test]
async fn each_tenant_and_each_caller_has_keys_of_their_own() {
    let server = Server::start().await;
    let of = |name: &str| {
        let mut request = user(server.tenant(), &[crate::harness::FOUNDING_SCOPE]);
        request.user = Some(name.into());
        server.client_of(&request)
    };
    let (adele, bert, stranger) = (of("adele"), of("bert"), server.stranger());
    let mut ids = Vec::new();
    for client in [&adele, &bert, &stranger] {
        let first = post(client, SCRIPTS, "key", &json!({})).await;
        assert_eq!(first.header("idempotency-replayed"), None);
        ids.push(first.created()["id"].as_str().unwrap().to_owned());
        assert_replayed(&first, &post(client, SCRIPTS, "key", &json!({})).await);
        let other = post(client, SCRIPTS, "key", &json!({ "displayName": "x" })).await;
        other.refused(422, "UnprocessableEntity");
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    // A token that was renewed is the same caller's.
    assert_eq!(post(&of("ADELE"), SCRIPTS, "key", &json!({})).await.created()["id"], *ids[0]);
}

#[tokio::test]
async fn a_reply_is_replayed_whatever_became_of_what_it_shows() {
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
async fn who_may_no_longer_write_does_not_get_the_reply() {
    let server = Server::start().await;
    post(&server.client(), SCRIPTS, "key", &json!({})).await.created();
    let reader = server.client_with(&[READ_SCOPE]);
    post(&reader, SCRIPTS, "key", &json!({})).await.refused(403, "Forbidden");
    let nobody = server.client_bearing(None);
    post(&nobody, SCRIPTS, "key", &json!({})).await.refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn after_a_day_a_key_is_new_and_what_nobody_asks_for_is_removed() {
    let server = Server::start().await;
    let client = server.client();
    let mut database = server.database().await;
    let body = json!({});
    let first = post(&client, SCRIPTS, "key", &body).await;
    for number in 0..8 {
        post(&server.stranger(), SCRIPTS, &number.to_string(), &body).await.created();
    }
    let pass = "UPDATE idempotency_key SET kept_until = kept_until - $1::interval";
    sqlx::query(pass).bind("23:59:00").execute(&mut database).await.unwrap();
    assert_replayed(&first, &post(&client, SCRIPTS, "key", &body).await);
    sqlx::query(pass).bind("00:01:00").execute(&mut database).await.unwrap();
    let other = post(&client, SCRIPTS, "key", &json!({ "displayName": "other" })).await;
    assert_eq!(other.header("idempotency-replayed"), None);
    assert_eq!(other.created()["displayName"], "other");
    assert_eq!(count(&client, SCRIPTS).await, "2");
    let left = "SELECT count(*) FROM idempotency_key";
    let left: i64 = sqlx::query_scalar(left).fetch_one(&mut database).await.unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_failure_leaves_the_key_free() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let states = format!("{script}/userRunStates/adele/deviceRunStates");
    let bound = json!({ "managedDevice@odata.bind": "deviceManagement/managedDevices/d" });
    let unknown = json!({ "unheardOf": 1 });
    post(&client, &states, "key", &bound).await.refused(404, "ResourceNotFound");
    client.new_user_state(&script, "adele").await;
    post(&client, &states, "key", &bound).await.refused(400, "BadRequest");
    post(&client, &states, "key", &unknown).await.refused(400, "ModelValidationFailure");
    client.post(DEVICES, &json!({ "id": "d" })).await.created();
    let first = post(&client, &states, "key", &bound).await;
    first.created();
    assert_replayed(&first, &post(&client, &states, "key", &bound).await);
    let deep = json!({ "id": "bert", "deviceRunStates": [{ "id": "a" }, { "id": "a" }] });
    let users = format!("{script}/userRunStates");
    post(&client, &users, "deep", &deep).await.refused(409, "Conflict");
    client.get(&format!("{users}/bert")).await.refused(404, "ResourceNotFound");
    let deep = json!({ "id": "bert", "deviceRunStates": [{ "id": "a" }] });
    post(&client, &users, "deep", &deep).await.created();
}

#[tokio::test]
async fn a_key_that_another_transaction_holds_too_long_is_503_and_then_free() {
    use sqlx::Connection;
    let server = Server::start().await;
    let client = server.client();
    let mut database = server.database().await;
    let mut transaction = database.begin().await.unwrap();
    sqlx::query("LOCK TABLE idempotency_key").execute(&mut *transaction).await.unwrap();
    let reply = post(&client, SCRIPTS, "key", &json!({})).await;
    reply.refused(503, "ServiceUnavailable");
    assert_eq!(reply.header("retry-after"), Some("1"));
    client.post(SCRIPTS, &json!({})).await.created();
    transaction.rollback().await.unwrap();
    post(&client, SCRIPTS, "key", &json!({})).await.created();
    assert_eq!(count(&client, SCRIPTS).await, "2");
}

#[tokio::test]
async fn an_assignment_that_is_retried_does_not_undo_what_came_after() {
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
    assert_eq!(crate::harness::members(&groups, "targetGroupId"), ["b"]);
    post(&client, &path, "key", &assign("c")).await.refused(422, "UnprocessableEntity");
}

#[tokio::test]
async fn each_request_of_a_batch_may_have_a_key() {
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

#[tokio::test]
async fn a_key_that_is_none_and_a_request_that_needs_none_are_refused() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let named = |reply: Reply| {
        let message = reply.refused(400, "BadRequest");
        assert!(message.contains("Idempotency-Key"), "{message}");
    };
    let long = "x".repeat(256);
    for key in ["", "\"\"", "a b", "a,b", "\"a\", \"b\"", "\"a", "é", &long] {
        named(post(&client, SCRIPTS, key, &json!({})).await);
    }
    let twice = request(&client, SCRIPTS, "a", &json!({})).header("Idempotency-Key", "a");
    named(send(twice).await);
    for (method, path) in [
        (Method::GET, SCRIPTS.to_owned()),
        (Method::GET, script.clone()),
        (Method::GET, format!("{SCRIPTS}/$count")),
        (Method::PATCH, script.clone()),
        (Method::DELETE, script.clone()),
        (Method::POST, format!("{SCRIPTS}/hasPayloadLinks")),
    ] {
        let body = if path.ends_with("Links") { r#"{"payloadIds":[]}"# } else { "{}" };
        let request = client.request(method, &path).header("Content-Type", "application/json");
        named(send(request.header("Idempotency-Key", "a").body(body)).await);
    }
    assert_eq!(count(&client, SCRIPTS).await, "1");
}
