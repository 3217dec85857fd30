//! Which idempotency keys are valid, for which caller and request, and for how long?

use reqwest::Method;
use serde_json::json;

use super::{assert_replayed, count, post, request};
use crate::harness::{READ_SCOPE, Reply, SCRIPTS, Server, WRITE_SCOPE, send, user};

#[tokio::test]
async fn reusing_a_key_for_another_request_is_422_and_changes_nothing() {
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
async fn a_key_belongs_to_one_caller_of_one_tenant() {
    let server = Server::start().await;
    let of = |name: &str| {
        let mut request = user(server.tenant(), &[WRITE_SCOPE]);
        request.user = Some(name.into());
        server.client_of(&request)
    };
    let (adele, bert, other_tenant) = (of("adele"), of("bert"), server.other_tenant());
    let mut ids = Vec::new();
    for client in [&adele, &bert, &other_tenant] {
        let first = post(client, SCRIPTS, "key", &json!({})).await;
        assert_eq!(first.header("idempotency-replayed"), None);
        ids.push(first.created()["id"].as_str().unwrap().to_owned());
        assert_replayed(&first, &post(client, SCRIPTS, "key", &json!({})).await);
        let other = post(client, SCRIPTS, "key", &json!({ "displayName": "x" })).await;
        other.refused(422, "UnprocessableEntity");
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    // A new token of the same user. The case of the name does not matter.
    assert_eq!(post(&of("ADELE"), SCRIPTS, "key", &json!({})).await.created()["id"], *ids[0]);
}

#[tokio::test]
async fn a_caller_without_write_permission_does_not_get_the_stored_reply() {
    let server = Server::start().await;
    post(&server.client(), SCRIPTS, "key", &json!({})).await.created();
    let reader = server.client_with_scopes(&[READ_SCOPE]);
    post(&reader, SCRIPTS, "key", &json!({})).await.refused(403, "Forbidden");
    let nobody = server.client_with_token(None);
    post(&nobody, SCRIPTS, "key", &json!({})).await.refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_key_expires_after_a_day_and_expired_keys_are_deleted() {
    let server = Server::start().await;
    let client = server.client();
    let mut database = server.database().await;
    let body = json!({});
    let first = post(&client, SCRIPTS, "key", &body).await;
    for number in 0..8 {
        post(&server.other_tenant(), SCRIPTS, &number.to_string(), &body).await.created();
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
async fn an_invalid_key_and_a_key_on_an_unsupported_request_are_refused() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let assert_names_header = |reply: Reply| {
        let message = reply.refused(400, "BadRequest");
        assert!(message.contains("Idempotency-Key"), "{message}");
    };
    let long = "x".repeat(256);
    for key in ["", "\"\"", "a b", "a,b", "\"a\", \"b\"", "\"a", "é", &long] {
        assert_names_header(post(&client, SCRIPTS, key, &json!({})).await);
    }
    let twice = request(&client, SCRIPTS, "a", &json!({})).header("Idempotency-Key", "a");
    assert_names_header(send(twice).await);
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
        let request = request.header("Idempotency-Key", "a").body(body);
        assert_names_header(send(request).await);
    }
    assert_eq!(count(&client, SCRIPTS).await, "1");
}
