//! Is there one row and one reply when attempts run at the same time or fail?

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use sqlx::Connection;

use super::{assert_replayed, count, post};
use crate::harness::{Client, DEVICES, Reply, SCRIPTS, Server};

/// Like [`post`], but retries after a 503, as `Retry-After` says.
async fn post_with_retries(client: &Client, path: &str, key: &str, body: &Json) -> Reply {
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

#[tokio::test]
async fn a_retry_after_a_disconnect_creates_one_row() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let body = json!({ "runState": "success" });
    for number in 0..20_u64 {
        let key = format!("key-{number}");
        let time = Duration::from_micros(number * 400);
        tokio::time::timeout(time, post(&client, &states, &key, &body)).await.ok();
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
async fn concurrent_retries_on_two_servers_write_once_and_get_the_same_reply() {
    let server = Server::start().await;
    let other = server.second().await;
    let clients = [server.client(), other.client()];
    let states = format!("{}/deviceRunStates", clients[0].new_script().await);
    let body = json!({ "errorCode": 7 });
    let posts =
        (0..20).map(|number| post_with_retries(&clients[number % 2], &states, "one", &body));
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
async fn a_failed_request_does_not_use_up_its_key() {
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
async fn a_key_locked_by_another_transaction_is_503_and_usable_afterwards() {
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
