//! Do reports and deletes of the same rows lock them in one order, so that they do not deadlock? Scripts
//! come first, then their run states and counters, then users in the order of their keys.

use reqwest::Method;
use serde_json::json;
use sqlx::{Executor, PgConnection};

use super::queue::Queue;
use crate::harness::{Server, send, wait_until_blocked};

/// A script with a user who has a run state.
struct Reported {
    server: Server,
    script: String,
    user: String,
    database: PgConnection,
}

impl Reported {
    async fn new() -> Self {
        let server = Server::start().await;
        let client = server.client();
        let script = client.new_script().await;
        let user = client.new_user_state(&script, "adele").await;
        let states = format!("{user}/deviceRunStates");
        client.post(&states, &json!({ "id": "one", "runState": "success" })).await.created();
        let database = server.database().await;
        Self { server, script, user, database }
    }

    /// A transaction that has run a statement, until the value is dropped.
    async fn transaction(&self, statement: &'static str) -> PgConnection {
        let mut transaction = self.server.database().await;
        transaction.execute("BEGIN").await.unwrap();
        transaction.execute(statement).await.unwrap();
        transaction
    }

    /// Whether no other transaction has locked what a query locks.
    async fn is_free(&mut self, query: &'static str) -> bool {
        self.database.execute("BEGIN").await.unwrap();
        let locked = self.database.execute(query).await;
        self.database.execute("ROLLBACK").await.unwrap();
        locked.is_ok()
    }
}

#[tokio::test]
async fn a_delete_locks_the_script_before_the_user() {
    let mut reported = Reported::new().await;
    let report = reported.transaction("SELECT FROM script FOR KEY SHARE").await;
    let client = reported.server.client();
    let user = reported.user.clone();
    let delete = tokio::spawn(async move { client.delete(&user).await.status });
    wait_until_blocked(&mut reported.database).await;
    assert!(reported.is_free("SELECT FROM user_state FOR UPDATE NOWAIT").await);
    drop(report);
    assert_eq!(delete.await.unwrap(), 204);
}

#[tokio::test]
async fn a_report_locks_the_script_before_the_run_state() {
    let mut reported = Reported::new().await;
    let delete = reported.transaction("SELECT FROM script FOR UPDATE").await;
    let queue = Queue::of(&reported.server);
    let report = queue.upsert(&reported.script, "one", json!({ "runState": "fail" })).await;
    wait_until_blocked(&mut reported.database).await;
    assert!(reported.is_free("SELECT FROM device_state FOR UPDATE NOWAIT").await);
    drop(delete);
    assert_eq!(report.status().await, 200);
}

#[tokio::test]
async fn counters_of_the_script_are_locked_before_those_of_its_users() {
    let mut reported = Reported::new().await;
    let client = reported.server.client();
    let other = client.new_user_state(&reported.script, "bert").await;
    let states = format!("{other}/deviceRunStates");
    client.post(&states, &json!({ "id": "two", "runState": "fail" })).await.created();
    let delete = reported.transaction("SELECT FROM user_state FOR UPDATE").await;
    // The numbers of the script stay the same, those of both users change.
    let mut report = reported.server.database().await;
    let swap = "UPDATE device_state SET run_state = CASE run_state WHEN 'success' THEN 'fail' \
                ELSE 'success' END::run_state";
    let report = tokio::spawn(async move { report.execute(swap).await.is_ok() });
    wait_until_blocked(&mut reported.database).await;
    assert!(!reported.is_free("SELECT FROM script_counts FOR UPDATE NOWAIT").await);
    drop(delete);
    assert!(report.await.unwrap());
}

#[tokio::test]
async fn counters_of_users_are_locked_in_the_order_of_their_keys() {
    let mut reported = Reported::new().await;
    let client = reported.server.client();
    for number in 0..20 {
        let user = client.new_user_state(&reported.script, &format!("user-{number}")).await;
        client.post(&format!("{user}/deviceRunStates"), &json!({})).await.created();
    }
    let update = reported.transaction("SELECT FROM user_state WHERE id = 'adele' FOR UPDATE").await;
    let mut report = reported.server.database().await;
    let fail = "UPDATE device_state SET run_state = 'fail'";
    let report = tokio::spawn(async move { report.execute(fail).await.is_ok() });
    wait_until_blocked(&mut reported.database).await;
    let others = "SELECT FROM user_state WHERE id <> 'adele' FOR UPDATE NOWAIT";
    assert!(reported.is_free(others).await);
    drop(update);
    assert!(report.await.unwrap());
}

#[tokio::test]
async fn a_report_of_an_entity_that_is_deleted_again_and_again_is_no_conflict() {
    let reported = Reported::new().await;
    let (client, other) = (reported.server.client(), reported.server.client());
    let path = format!("{}/deviceRunStates/hot", reported.script);
    let reports = async {
        for _ in 0..100 {
            let report = client.request(Method::PATCH, &path).header("Prefer", "create-if-missing");
            let report = report.header("Content-Type", "application/json").body("{}");
            let reply = send(report).await;
            assert!([200, 201].contains(&reply.status), "{reply:?}");
        }
    };
    let deletes = async {
        for _ in 0..100 {
            let reply = other.delete(&path).await;
            assert!([204, 404].contains(&reply.status), "{reply:?}");
        }
    };
    tokio::join!(reports, deletes);
}

#[tokio::test]
async fn a_report_that_is_ended_by_a_deadlock_is_repeated() {
    let mut reported = Reported::new().await;
    let mut other = reported.transaction("SELECT FROM script_counts FOR UPDATE").await;
    let queue = Queue::of(&reported.server);
    let report = queue.upsert(&reported.script, "one", json!({ "runState": "fail" })).await;
    // The report holds the run state, waits for the counters, and will look for deadlocks first.
    wait_until_blocked(&mut reported.database).await;
    other.execute("SELECT FROM device_state FOR UPDATE").await.unwrap();
    other.execute("COMMIT").await.unwrap();
    assert_eq!(report.status().await, 200);
}
