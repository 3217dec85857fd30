//! Do concurrent creates over HTTP each get their own result?

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use crate::harness::{Client, DEVICES, SCRIPTS, Server, WRITE_SCOPE, user};

/// Sends all posts at the same time. Returns the number of replies with each status.
async fn post_all(client: &Client, posts: Vec<(String, serde_json::Value)>) -> HashMap<u16, usize> {
    let replies = posts.iter().map(|(path, body)| client.post(path, body));
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
            client.post(DEVICES, &json!({ "id": name })).await.created();
            let ids = client.ids(&format!("{DEVICES}?$top=7")).await;
            assert_eq!(ids.len() as u64, visit + 1);
            assert!(ids.iter().all(|id| id.starts_with(&format!("{tenant}-"))), "{ids:?}");
        }
    });
    futures_util::future::join_all(visits).await;
}
