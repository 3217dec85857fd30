//! Do concurrent creates over HTTP each get their own result?

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use crate::harness::{Client, DEVICES, Reply, SCRIPTS, Server, WRITE_SCOPE, members, user};

/// Sends all posts at the same time. Returns the number of replies with each status. A busy server does not
/// find the reason of each refusal in time.
async fn post_all(client: &Client, posts: Vec<(String, serde_json::Value)>) -> HashMap<u16, usize> {
    let replies = posts
        .iter()
        .map(|(path, body)| when_available(async move || client.post(path, body).await));
    let mut statuses = HashMap::new();
    for reply in futures_util::future::join_all(replies).await {
        *statuses.entry(reply.status).or_default() += 1;
    }
    statuses
}

#[tokio::test]
async fn each_of_many_concurrent_creates_gets_its_own_result() {
    let server = Server::start().await;
    let client = server.client();
    let (script, foreign) = (client.new_script().await, server.other_tenant().new_script().await);
    let user = client.new_user_state(&script, "adele").await;
    let states = format!("{script}/deviceRunStates");
    let success = json!({ "runState": "success" });
    let mut posts = Vec::new();
    for number in 0..40 {
        posts.push((states.clone(), success.clone()));
        posts.push((format!("{user}/deviceRunStates"), success.clone()));
        posts.push((states.clone(), json!({ "id": "same", "errorCode": number })));
        posts.push((format!("{foreign}/deviceRunStates"), success.clone()));
        posts.push((format!("{SCRIPTS}/{}/deviceRunStates", uuid::Uuid::now_v7()), json!({})));
        posts.push((format!("{script}/userRunStates/bert/deviceRunStates"), json!({})));
        posts.push((states.clone(), json!({ "runState": "nonsense" })));
        let unknown = json!({ "managedDevice@odata.bind": "deviceManagement/managedDevices/x" });
        posts.push((states.clone(), unknown));
    }
    let statuses = post_all(&client, posts).await;
    let expected = HashMap::from([(201, 81), (409, 39), (404, 120), (400, 80)]);
    assert_eq!(statuses, expected);
    assert_eq!(client.get(&format!("{states}/$count")).await.body, "81");
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(
        (&summary["successDeviceCount"], &summary["successUserCount"]),
        (&json!(80), &json!(1))
    );
    assert_eq!(client.get(&user).await.ok()["successDeviceCount"], 40);
}

#[tokio::test]
async fn a_client_that_disconnects_does_not_affect_others() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let body = json!({});
    for _ in 0..20 {
        let cancelled = client.post(&states, &body);
        let time = std::time::Duration::from_millis(1);
        let (_, other) =
            tokio::join!(tokio::time::timeout(time, cancelled), client.post(&states, &body));
        other.created();
    }
}

/// Repeats a request while the server has no free connection, as a client should.
async fn when_available(send: impl AsyncFn() -> Reply) -> Reply {
    loop {
        let reply = send().await;
        if reply.status != 503 {
            return reply;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

/// The ids of all pages from a URL on.
async fn all_ids(client: &Client, first: String) -> Vec<String> {
    let (mut ids, mut next) = (Vec::new(), Some(first));
    while let Some(url) = next {
        let page = when_available(async || client.get(&url).await).await.ok();
        ids.extend(members(&page, "id"));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    ids
}

#[tokio::test]
async fn concurrent_tenants_share_connections_but_see_only_their_own_rows() {
    let server = Server::start().await;
    let tenants: Vec<Client> =
        (0..8).map(|_| server.client_of(&user(Uuid::new_v4(), &[WRITE_SCOPE]))).collect();
    let visits = tenants.iter().enumerate().map(|(tenant, client)| async move {
        for visit in 0..20 {
            let name = format!("{tenant}-{visit}");
            // Some clients disconnect while their statement runs.
            let time = std::time::Duration::from_micros(visit * 200);
            tokio::time::timeout(time, client.get(DEVICES)).await.ok();
            let device = json!({ "id": name });
            let new = when_available(async || client.post(DEVICES, &device).await).await;
            // A create that was answered with 503 may have happened.
            assert!([201, 409].contains(&new.status), "{new:?}");
            let ids = all_ids(client, format!("{DEVICES}?$top=7")).await;
            assert_eq!(ids.len() as u64, visit + 1);
            assert!(ids.iter().all(|id| id.starts_with(&format!("{tenant}-"))), "{ids:?}");
        }
    });
    futures_util::future::join_all(visits).await;
}
