//! What do policies do to versions that are stored, and to those that come?

use serde_json::json;
use sqlx::PgConnection;

use super::{TENANT, policy_of, put, report};
use crate::harness::{Server, execute};

/// The versions of a run state that the view shows, oldest first.
async fn visible(database: &mut PgConnection, id: &str) -> Vec<i32> {
    let versions = "SELECT version FROM device_state_at WHERE id = $1 ORDER BY version";
    sqlx::query_scalar(versions).bind(id).fetch_all(database).await.unwrap()
}

/// The classes of the stored versions of a run state, oldest first.
async fn classes(database: &mut PgConnection, id: &str) -> Vec<i16> {
    let classes = "SELECT history_days FROM device_state_history WHERE id = $1 ORDER BY version";
    sqlx::query_scalar(classes).bind(id).fetch_all(database).await.unwrap()
}

/// Makes the stored versions so many days older than they are.
async fn age(database: &mut PgConnection, days: i32) {
    let age = format!(
        "UPDATE device_state_history
         SET valid_from = valid_from - interval '{days} days',
             valid_to = valid_to - interval '{days} days';
         UPDATE device_state SET first_valid_from = first_valid_from - interval '{days} days'"
    );
    for statement in age.split(';') {
        execute(database, statement.into()).await;
    }
}

#[tokio::test]
async fn a_shorter_policy_hides_older_versions_at_once() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let mut database = server.database().await;
    report(&client, &script, "a", 2).await;
    age(&mut database, 10).await;
    assert_eq!(visible(&mut database, "a").await, [1, 2, 3]);
    client.patch(TENANT, &json!({ "historyDays": 7 })).await.ok();
    assert_eq!(visible(&mut database, "a").await, [3]);
    put(&client, &policy_of(&script), &json!({ "historyDays": 30 })).await.ok();
    assert_eq!(visible(&mut database, "a").await, [1, 2, 3]);
    age(&mut database, 25).await;
    assert_eq!(visible(&mut database, "a").await, [3]);
    put(&client, &policy_of(&script), &json!({ "historyDays": null })).await.ok();
    assert_eq!(visible(&mut database, "a").await, [1, 2, 3]);
}

#[tokio::test]
async fn a_number_of_versions_hides_those_before() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let mut database = server.database().await;
    report(&client, &script, "a", 4).await;
    for (versions, expected) in
        [(json!(1), vec![5]), (json!(3), vec![3, 4, 5]), (json!(null), vec![1, 2, 3, 4, 5])]
    {
        client.patch(TENANT, &json!({ "historyVersions": versions })).await.ok();
        assert_eq!(visible(&mut database, "a").await, expected);
    }
}

#[tokio::test]
async fn a_policy_holds_for_what_is_superseded_from_then_on() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let mut database = server.database().await;
    report(&client, &script, "a", 1).await;
    let state = format!("{script}/deviceRunStates/a");
    for (code, days) in [(10, json!(7)), (11, json!(0)), (12, json!(365)), (13, json!(null))] {
        put(&client, &policy_of(&script), &json!({ "historyDays": days })).await.ok();
        client.patch(&state, &json!({ "errorCode": code })).await.ok();
    }
    client.delete(&policy_of(&script)).await;
    client.patch(&state, &json!({ "errorCode": 14 })).await.ok();
    assert_eq!(classes(&mut database, "a").await, [90, 7, 365, i16::MAX, 90]);
    // Each class finds its partition.
    let other = "SELECT count(*) FROM device_state_history_other";
    let other: i64 = sqlx::query_scalar(other).fetch_one(&mut database).await.unwrap();
    assert_eq!(other, 0);
}

#[tokio::test]
async fn versions_go_with_their_partitions_by_the_policy_of_their_time() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let mut database = server.database().await;
    client.patch(TENANT, &json!({ "historyDays": 7 })).await.ok();
    report(&client, &script, "short", 1).await;
    client.patch(TENANT, &json!({ "historyDays": 30 })).await.ok();
    report(&client, &script, "long", 1).await;
    age(&mut database, 9).await;
    assert!(server.service().store.maintain().await.unwrap());
    assert_eq!(classes(&mut database, "short").await, [0_i16; 0]);
    assert_eq!(classes(&mut database, "long").await, [30]);
    let states = format!("{script}/deviceRunStates");
    assert_eq!(client.ids(&states).await, ["long", "short"]);
}
