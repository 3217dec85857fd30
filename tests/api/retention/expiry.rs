//! Are run states removed that were not reported for as long as a policy says, and no others?

use runstate::store::Store;
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};

use super::{TENANT, policy_of, put, report};
use crate::harness::{Client, Server, execute, in_one_day};

/// Moves the last report of these run states into the past.
async fn age(database: &mut PgConnection, condition: &str, days: i32) {
    execute(database, "SET session_replication_role = replica".into()).await;
    let today = "(now() AT TIME ZONE 'UTC')::date";
    let age = format!("UPDATE device_state SET reported = {today} - {days} WHERE {condition}");
    execute(database, age).await;
    execute(database, "RESET session_replication_role".into()).await;
}

async fn ids(client: &Client, script: &str) -> Vec<String> {
    client.ids(&format!("{script}/deviceRunStates")).await
}

async fn maintain(server: &Server) {
    assert!(server.service().store.maintain().await.unwrap());
}

/// A script with many run states, which are inserted directly. `$1` is the tenant.
async fn with_many(server: &Server, client: &Client, count: i32) -> String {
    let script = client.new_script().await;
    let insert = "INSERT INTO device_state (tenant_id, script_id, id, last_state_update,
                      last_state_update_offset, run_state, error_code)
                  SELECT tenant_id, id, 'many-' || number, 0, 0,
                         (ARRAY['success', 'fail', 'pending']::run_state[])[1 + number % 3], 0
                  FROM script, generate_series(1, $2) AS number
                  WHERE tenant_id = $1 AND id::text = $3";
    let id = script.rsplit_once('/').unwrap().1;
    let insert = sqlx::query(insert).bind(server.tenant()).bind(count).bind(id);
    insert.execute(&mut server.database().await).await.unwrap();
    script
}

#[tokio::test]
async fn a_run_state_goes_when_its_last_report_is_older_than_the_policy_keeps() {
    in_one_day(async || {
        let server = Server::start().await;
        let client = server.client();
        let script = client.new_script().await;
        let user = client.new_user_state(&script, "adele").await;
        for id in ["old", "edge", "new"] {
            let state = json!({ "id": id, "runState": "fail" });
            client.post(&format!("{user}/deviceRunStates"), &state).await.created();
        }
        client.patch(TENANT, &json!({ "runStateDays": 30 })).await.ok();
        let mut database = server.database().await;
        age(&mut database, "id = 'old'", 31).await;
        age(&mut database, "id = 'edge'", 30).await;
        maintain(&server).await;
        assert_eq!(ids(&client, &script).await, ["edge", "new"]);
        assert_eq!(client.get(&user).await.ok()["errorDeviceCount"], 2);
        let summary = client.get(&format!("{script}/runSummary")).await.ok();
        assert_eq!(
            (&summary["errorDeviceCount"], &summary["errorUserCount"]),
            (&json!(2), &json!(1))
        );
        let wrong = Store::find_miscounted(server.options()).await.unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
    })
    .await;
}

#[tokio::test]
async fn other_scripts_and_tenants_keep_their_run_states() {
    let server = Server::start().await;
    let (client, other) = (server.client(), server.other_tenant());
    let (short, long) = (client.new_script().await, client.new_script().await);
    let of_other = other.new_script().await;
    for (client, script) in [(&client, &short), (&client, &long), (&other, &of_other)] {
        report(client, script, "a", 0).await;
    }
    put(&client, &policy_of(&short), &json!({ "runStateDays": 7 })).await.ok();
    let mut database = server.database().await;
    age(&mut database, "true", 100).await;
    maintain(&server).await;
    assert_eq!(ids(&client, &short).await, [""; 0]);
    assert_eq!(
        (ids(&client, &long).await, ids(&other, &of_other).await),
        (vec!["a".into()], vec!["a".into()])
    );

    // A longer policy of the script wins over the tenant's.
    put(&client, &policy_of(&long), &json!({ "runStateDays": null })).await.ok();
    client.patch(TENANT, &json!({ "runStateDays": 7 })).await.ok();
    maintain(&server).await;
    assert_eq!(ids(&client, &long).await, ["a"]);
    client.delete(&policy_of(&long)).await;
    maintain(&server).await;
    assert_eq!(ids(&client, &long).await, [""; 0]);
    assert_eq!(ids(&other, &of_other).await, ["a"]);
}

#[tokio::test]
async fn an_expired_run_state_leaves_no_version_and_a_deleted_one_does() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    for id in ["expired", "deleted"] {
        report(&client, &script, id, 1).await;
    }
    client.patch(TENANT, &json!({ "runStateDays": 7 })).await.ok();
    let mut database = server.database().await;
    age(&mut database, "id = 'expired'", 100).await;
    maintain(&server).await;
    client.delete(&format!("{script}/deviceRunStates/deleted")).await;
    let versions = "SELECT id || version FROM device_state_history ORDER BY 1";
    let versions: Vec<String> =
        sqlx::query_scalar(versions).fetch_all(&mut database).await.unwrap();
    assert_eq!(versions, ["deleted1", "deleted2", "expired1"]);
    // The same id can be reported again, and begins anew.
    report(&client, &script, "expired", 0).await;
    let history = client.get(&format!("{script}/deviceRunStates/expired/history")).await.ok();
    assert_eq!(history["value"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_run_state_that_is_reported_again_stays() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    for id in ["changed", "repeated", "silent"] {
        report(&client, &script, id, 0).await;
    }
    client.patch(TENANT, &json!({ "runStateDays": 7 })).await.ok();
    age(&mut server.database().await, "true", 100).await;
    let states = format!("{script}/deviceRunStates");
    client.patch(&format!("{states}/changed"), &json!({ "errorCode": 5 })).await.ok();
    client.patch(&format!("{states}/repeated"), &json!({ "errorCode": 0 })).await.ok();
    maintain(&server).await;
    assert_eq!(ids(&client, &script).await, ["changed", "repeated"]);
}

#[tokio::test]
async fn many_run_states_go_in_several_batches() {
    let server = Server::start().await;
    let client = server.client();
    let script = with_many(&server, &client, 12_000).await;
    report(&client, &script, "new", 0).await;
    client.patch(TENANT, &json!({ "runStateDays": 7 })).await.ok();
    let mut database = server.database().await;
    age(&mut database, "id <> 'new'", 100).await;
    maintain(&server).await;
    assert_eq!(ids(&client, &script).await, ["new"]);
    let count = client.get(&format!("{script}/deviceRunStates/$count")).await;
    assert_eq!(count.body, "1");
    let wrong = Store::find_miscounted(server.options()).await.unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn a_run_state_that_is_being_written_is_skipped() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    for id in ["locked", "silent"] {
        report(&client, &script, id, 0).await;
    }
    client.patch(TENANT, &json!({ "runStateDays": 7 })).await.ok();
    let mut database = server.database().await;
    age(&mut database, "true", 100).await;
    let mut writer = server.database().await;
    let mut writing = writer.begin().await.unwrap();
    writing.execute("SELECT FROM device_state WHERE id = 'locked' FOR UPDATE").await.unwrap();
    maintain(&server).await;
    assert_eq!(ids(&client, &script).await, ["locked"]);
    writing.rollback().await.unwrap();
}

#[tokio::test]
async fn a_walk_continues_where_it_was_held_up() {
    let server = Server::start().await;
    let client = server.client();
    let script = with_many(&server, &client, 12_000).await;
    client.patch(TENANT, &json!({ "runStateDays": 7 })).await.ok();
    let mut database = server.database().await;
    age(&mut database, "true", 100).await;
    let removed = "CALL remove_unreported()";
    let removed: i64 = sqlx::query_scalar(removed).fetch_one(&mut database).await.unwrap();
    assert!((1..=5000).contains(&removed), "{removed}");
    let mut holder = server.database().await;
    let mut holding = holder.begin().await.unwrap();
    holding.execute("SELECT FROM script_counts FOR UPDATE").await.unwrap();
    let later = server.service().store.maintain().await.unwrap_err();
    assert!(later.is_unavailable(), "{later:?}");
    holding.rollback().await.unwrap();
    let rest = client.get(&format!("{script}/deviceRunStates/$count")).await.body;
    assert_eq!(rest, (12_000 - removed).to_string());
    let second = server.second().await;
    assert!(second.service().store.maintain().await.unwrap());
    assert_eq!(ids(&client, &script).await, [""; 0]);
}

#[tokio::test]
async fn the_table_is_walked_over_once_for_a_day_and_its_policies() {
    in_one_day(async || {
        let server = Server::start().await;
        let client = server.client();
        let script = client.new_script().await;
        client.patch(TENANT, &json!({ "runStateDays": 7 })).await.ok();
        maintain(&server).await;
        report(&client, &script, "a", 0).await;
        let mut database = server.database().await;
        age(&mut database, "true", 100).await;
        maintain(&server).await;
        assert_eq!(ids(&client, &script).await, ["a"]);
        client.patch(TENANT, &json!({ "runStateDays": 8 })).await.ok();
        maintain(&server).await;
        assert_eq!(ids(&client, &script).await, [""; 0]);
    })
    .await;
}
