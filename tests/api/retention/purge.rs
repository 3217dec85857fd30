//! Does a purge delete exactly the history that it names, and is a deleted history unreadable?

use runstate::store::Store;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::report;
use crate::harness::{Client, Server};

fn id_of(script: &str) -> Uuid {
    script.rsplit_once('/').unwrap().1.parse().unwrap()
}

async fn versions(client: &Client, script: &str) -> Json {
    let history = format!("{script}/deviceRunStates/a/history?$select=version");
    let versions = client.get(&history).await.ok()["value"].clone();
    versions.as_array().unwrap().iter().map(|version| version["version"].clone()).collect()
}

#[tokio::test]
async fn a_purge_deletes_the_history_of_one_script_and_keeps_current_run_states() {
    let server = Server::start().await;
    let client = server.client();
    let (script, other) = (client.new_script().await, client.new_script().await);
    for script in [&script, &other] {
        report(&client, script, "a", 2).await;
    }
    let (tenant, holder) = (server.tenant(), Some(id_of(&script)));
    assert_eq!(Store::count_versions(server.options(), tenant, holder).await.unwrap(), 2);
    assert_eq!(versions(&client, &script).await, json!([3, 2, 1]));
    assert_eq!(Store::purge(server.options(), tenant, holder).await.unwrap(), 2);
    assert_eq!(versions(&client, &script).await, json!([3]));
    assert_eq!(versions(&client, &other).await, json!([3, 2, 1]));
    assert_eq!(Store::purge(server.options(), tenant, holder).await.unwrap(), 0);
    client.patch(&format!("{script}/deviceRunStates/a"), &json!({ "errorCode": 9 })).await.ok();
    assert_eq!(versions(&client, &script).await, json!([4, 3]));
}

#[tokio::test]
async fn a_purge_without_a_script_deletes_the_history_of_the_tenant() {
    let server = Server::start().await;
    let (client, other) = (server.client(), server.other_tenant());
    let (script, of_other) = (client.new_script().await, other.new_script().await);
    report(&client, &script, "a", 1).await;
    report(&client, &client.new_script().await, "b", 1).await;
    report(&other, &of_other, "a", 1).await;
    assert_eq!(Store::count_versions(server.options(), server.tenant(), None).await.unwrap(), 2);
    assert_eq!(Store::purge(server.options(), server.tenant(), None).await.unwrap(), 2);
    assert_eq!(versions(&client, &script).await, json!([2]));
    assert_eq!(versions(&other, &of_other).await, json!([2, 1]));
}

#[tokio::test]
async fn a_deleted_script_has_no_history_to_read_and_its_versions_can_be_purged() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    report(&client, &script, "a", 2).await;
    client.delete(&script).await;
    let history = format!("{script}/deviceRunStates/a/history");
    client.get(&history).await.refused(404, "ResourceNotFound");
    let shown = "SELECT count(*) FROM device_state_at";
    let mut database = server.database().await;
    let shown: i64 = sqlx::query_scalar(shown).fetch_one(&mut database).await.unwrap();
    assert_eq!(shown, 0);
    // The delete itself writes no versions, so these are the two that were superseded before.
    let purged = Store::purge(server.options(), server.tenant(), Some(id_of(&script))).await;
    assert_eq!(purged.unwrap(), 2);
}
