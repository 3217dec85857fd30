//! Do the counts of a user state follow every change of its run states?

use serde_json::json;

use crate::harness::{Client, Server};

async fn counts(client: &Client, user: &str) -> (i64, i64) {
    let user = client.get(user).await.ok();
    let count = |name: &str| user[name].as_i64().unwrap();
    (count("successDeviceCount"), count("errorDeviceCount"))
}

#[tokio::test]
async fn counts_follow_the_run_states_of_the_user() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    let states = format!("{user}/deviceRunStates");
    for (id, state, expected) in [
        ("a", "success", (1, 0)),
        ("b", "fail", (1, 1)),
        ("c", "scriptError", (1, 2)),
        ("d", "pending", (1, 2)),
        ("e", "notApplicable", (1, 2)),
        ("f", "unknown", (1, 2)),
    ] {
        client.post(&states, &json!({ "id": id, "runState": state })).await.created();
        assert_eq!(counts(&client, &user).await, expected, "{state}");
    }
    client.patch(&format!("{states}/b"), &json!({ "runState": "success" })).await.ok();
    assert_eq!(counts(&client, &user).await, (2, 1));
    client.patch(&format!("{script}/deviceRunStates/d"), &json!({ "runState": "fail" })).await.ok();
    assert_eq!(counts(&client, &user).await, (2, 2));
    assert_eq!(client.delete(&format!("{script}/deviceRunStates/a")).await.status, 204);
    assert_eq!(counts(&client, &user).await, (1, 2));
}

#[tokio::test]
async fn run_states_of_the_script_or_of_other_users_are_not_counted() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let adele = client.new_user_state(&script, "adele").await;
    let bert = client.new_user_state(&script, "bert").await;
    let success = json!({ "runState": "success" });
    client.post(&format!("{script}/deviceRunStates"), &success).await.created();
    client.post(&format!("{bert}/deviceRunStates"), &success).await.created();
    assert_eq!(counts(&client, &adele).await, (0, 0));
    assert_eq!(counts(&client, &bert).await, (1, 0));
}

#[tokio::test]
async fn a_count_starts_at_the_value_that_the_client_set_and_stays_in_range() {
    let server = Server::start().await;
    let client = server.client();
    let users = format!("{}/userRunStates", client.new_script().await);
    let set = json!({ "id": "a", "successDeviceCount": 5, "errorDeviceCount": 2_147_483_647 });
    client.post(&users, &set).await.created();
    let states = format!("{users}/a/deviceRunStates");
    client.post(&states, &json!({ "runState": "success" })).await.created();
    client.post(&states, &json!({ "runState": "fail" })).await.created();
    assert_eq!(counts(&client, &format!("{users}/a")).await, (6, 2_147_483_647));
}
