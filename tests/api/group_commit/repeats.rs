//! Reports that repeat what is stored: they are answered, but not written.

use serde_json::{Value as Json, json};
use sqlx::{Executor, PgConnection};

use super::queue::{Queue, hold_state};
use crate::harness::{Client, DEVICES, Server, wait_until_blocked};

/// The day on which everything is reported.
const DAY: &str = "2026-01-01";

/// Lets the day of the database never end, since the first report of a day is written.
async fn stop_days(database: &mut PgConnection) {
    let statements = format!(
        "ALTER TABLE device_state ALTER reported SET DEFAULT '{DAY}';
         CREATE OR REPLACE FUNCTION present_day(tenant uuid) RETURNS date
             LANGUAGE sql VOLATILE PARALLEL SAFE RETURN date '{DAY}'"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(database).await.unwrap();
}

/// The place of a run state's row, and the transaction that wrote it.
async fn row(database: &mut PgConnection, id: &str) -> (String, String) {
    let row = "SELECT ctid::text, xmin::text FROM device_state WHERE id = $1";
    sqlx::query_as(row).bind(id).fetch_one(database).await.unwrap()
}

/// How many versions a run state has.
async fn versions(client: &Client, path: &str) -> u64 {
    let history = client.get(&format!("{path}/history?$count=true&$top=0")).await.ok();
    history["@odata.count"].as_u64().unwrap()
}

/// A report with a value for each property.
fn report() -> Json {
    json!({
        "runState": "fail",
        "resultMessage": "It \"failed\".",
        "lastStateUpdateDateTime": "2017-01-01T00:02:58.4418045-08:00",
        "errorCode": 9,
        "errorDescription": null,
        "managedDevice@odata.bind": "deviceManagement/managedDevices/laptop",
    })
}

/// The report with another value of one property.
fn with(name: &str, value: Json) -> Json {
    let mut report = report();
    report[name] = value;
    report
}

/// A client, and the path of its script.
async fn with_devices(server: &Server) -> (Client, String) {
    let client = server.client();
    for id in ["laptop", "tablet"] {
        client.post(DEVICES, &json!({ "id": id })).await.created();
    }
    let script = client.new_script().await;
    (client, script)
}

#[tokio::test]
async fn a_report_is_written_if_any_value_differs_and_only_then() {
    let server = Server::start().await;
    let (client, script) = with_devices(&server).await;
    let user = client.new_user_state(&script, "adele").await;
    let queue = Queue::of(&server);
    let mut database = server.database().await;
    stop_days(&mut database).await;
    for (parent, id) in [(&script, "of-script"), (&user, "of-user")] {
        let path = format!("{parent}/deviceRunStates/{id}");
        for status in [201, 200] {
            assert_eq!(queue.upsert(parent, id, report()).await.status().await, status);
        }
        let (shown, before) = (client.get(&path).await, row(&mut database, id).await);
        for same in [report(), json!({}), json!({ "errorCode": 9, "id": "ignored" })] {
            let reply = client.patch(&path, &same).await;
            assert_eq!((reply.ok(), reply.header("etag")), (shown.ok(), shown.header("etag")));
            assert_eq!(queue.upsert_minimal(parent, id, same).await.status().await, 204);
        }
        assert_eq!(row(&mut database, id).await, before);
        for other in [
            with("runState", json!("scriptError")),
            with("resultMessage", json!("It \"Failed\".")),
            with("resultMessage", Json::Null),
            with("lastStateUpdateDateTime", json!("2017-01-01T00:02:58.4418046-08:00")),
            // The same moment.
            with("lastStateUpdateDateTime", json!("2017-01-01T08:02:58.4418045Z")),
            with("errorCode", json!(8)),
            with("errorDescription", json!("")),
            with("managedDevice@odata.bind", json!("deviceManagement/managedDevices/tablet")),
            with("managedDevice@odata.bind", Json::Null),
        ] {
            for body in [other, report()] {
                let before = row(&mut database, id).await;
                assert_eq!(queue.upsert(parent, id, body.clone()).await.status().await, 200);
                assert_ne!(row(&mut database, id).await.1, before.1, "{body}");
            }
        }
        assert_eq!(versions(&client, &path).await, 19);
    }
}

#[tokio::test]
async fn the_first_repeated_report_of_a_day_is_written_and_makes_no_version() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let script = client.new_script().await;
    let mut database = server.database().await;
    stop_days(&mut database).await;
    queue.create(&script, "one").await.status().await;
    let path = format!("{script}/deviceRunStates/one");
    let shown = client.get(&path).await;
    database.execute("UPDATE device_state SET reported = reported - 1").await.unwrap();
    let before = row(&mut database, "one").await;
    let reply = client.patch(&path, &json!({ "runState": "success" })).await;
    assert_eq!((reply.ok(), reply.header("etag")), (shown.ok(), shown.header("etag")));
    assert_ne!(row(&mut database, "one").await, before);
    let day = sqlx::query_scalar("SELECT reported::text FROM device_state");
    let day: String = day.fetch_one(&mut database).await.unwrap();
    assert_eq!(day, DAY);
    assert_eq!(versions(&client, &path).await, 1);
}

#[tokio::test]
async fn each_update_of_one_statement_is_compared_for_itself() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let (script, other) = (client.new_script().await, client.new_script().await);
    let mut database = server.database().await;
    stop_days(&mut database).await;
    for (parent, id) in [(&script, "held"), (&script, "a"), (&script, "b"), (&other, "c")] {
        queue.create(parent, id).await.status().await;
    }
    let tag = client.get(&format!("{script}/deviceRunStates/a")).await;
    let tag = tag.header("etag").unwrap().to_owned();
    let before = [row(&mut database, "a").await.1, row(&mut database, "c").await.1];
    let blocker = hold_state(&server, "held").await;
    let [success, fail] = ["success", "fail"].map(|state| json!({ "runState": state }));
    let first = queue.upsert(&script, "held", fail.clone()).await;
    wait_until_blocked(&mut database).await;
    let bound = json!({
        "runState": "success", "managedDevice@odata.bind": "deviceManagement/managedDevices/none" });
    let updates = [
        (queue.upsert(&script, "a", success.clone()).await, 200),
        (queue.upsert(&script, "b", fail.clone()).await, 200),
        (queue.upsert(&other, "c", success.clone()).await, 200),
        (queue.upsert(&other, "new", success.clone()).await, 201),
        // The second one of an entity sees what the first one wrote.
        (queue.upsert(&script, "b", fail.clone()).await, 200),
        (queue.upsert(&script, "a", bound).await, 400),
        (queue.update_if(&script, "a", &tag, success.clone()).await, 200),
        (queue.update_if(&script, "a", "W/\"other\"", success.clone()).await, 412),
        (queue.update_if(&script, "b", &tag, fail).await, 412),
        (queue.update_if(&script, "none", &tag, success).await, 404),
    ];
    drop(blocker);
    assert_eq!(first.status().await, 200);
    for (place, (update, status)) in updates.into_iter().enumerate() {
        assert_eq!(update.status().await, status, "update {place}");
    }
    let after = [row(&mut database, "a").await.1, row(&mut database, "c").await.1];
    assert_eq!(after, before);
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    let counts = (&summary["successDeviceCount"], &summary["errorDeviceCount"]);
    assert_eq!(counts, (&json!(1), &json!(2)));
    assert_eq!(versions(&client, &format!("{script}/deviceRunStates/b")).await, 2);
}

#[tokio::test]
async fn a_report_is_compared_with_the_change_that_it_waits_for() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let script = client.new_script().await;
    for id in ["changed", "deleted"] {
        queue.create(&script, id).await.status().await;
    }
    let mut database = server.database().await;
    let mut change = hold_state(&server, "changed").await;
    let fail = "UPDATE device_state SET run_state = 'fail' WHERE id = 'changed'";
    change.execute(fail).await.unwrap();
    let report = queue.upsert(&script, "changed", json!({ "runState": "fail" })).await;
    wait_until_blocked(&mut database).await;
    change.execute("COMMIT").await.unwrap();
    assert_eq!(report.status().await, 200);
    // The change was of the same value, so there is no third version.
    let path = format!("{script}/deviceRunStates/changed");
    assert_eq!(versions(&client, &path).await, 2);

    let mut delete = hold_state(&server, "deleted").await;
    delete.execute("DELETE FROM device_state WHERE id = 'deleted'").await.unwrap();
    let report = queue.upsert(&script, "deleted", json!({ "runState": "fail" })).await;
    wait_until_blocked(&mut database).await;
    delete.execute("COMMIT").await.unwrap();
    assert_eq!(report.status().await, 201);
}
