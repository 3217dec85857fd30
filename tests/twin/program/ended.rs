//! What is left of a tenant when a server ends, is killed, or loses the outcome of a transaction.

use std::process::Command;
use std::time::Duration;

use serde_json::json;
use sqlx::Connection;

use super::{connect, json_of, number, twin, with_twin};
use crate::process::{Directory, RUNSTATE, Server, configured, run, runstate, text};
use crate::world::SECRET;

#[tokio::test]
async fn a_reset_restores_the_contents_after_one_whose_outcome_was_lost() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    json_of(&data.0, &server, &["create", "--id", "other", "--from", "fixture:intune-small"]);
    json_of(&data.0, &server, &["snapshot", "other", "full"]);
    json_of(&data.0, &server, &["create", "--id", "t1"]);
    let mut connection = connect(&data.0).await;
    let mut run = async |statement: &'static str| {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    };
    // A commit waits for a second server that does not exist, after it has had its effect.
    run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'").await;
    run("SELECT pg_reload_conf()").await;
    let lost = {
        let (data, url) = (data.0.clone(), server.http.clone());
        std::thread::spawn(move || {
            let mut program = configured(Command::new(RUNSTATE), &data);
            program.env("RUNSTATE_TWIN_SECRET", SECRET).env("RUNSTATE_TWIN_URL", url);
            program.env("RUNSTATE_TWIN", "true");
            text(&crate::process::run(program.args(["twin", "reset", "t1", "--to", "full"])).stderr)
        })
    };
    while !lost.is_finished() {
        run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            .await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let said = lost.join().unwrap();
    assert!(said.contains("503"), "{said}");
    run("ALTER SYSTEM RESET synchronous_standby_names").await;
    run("SELECT pg_reload_conf()").await;
    let scripts = "SELECT count(*) FROM script WHERE tenant_id = \
                   (SELECT id FROM twin_tenant WHERE handle = 't1')";
    assert_ne!(number(&mut connection, scripts).await, 0, "the reset had its effect");
    while twin(&data.0, &server, &["reset", "t1"]).0 != 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(number(&mut connection, scripts).await, 0);
}

#[tokio::test]
async fn tenants_outlive_the_server_and_nothing_of_the_twin_is_left_without_it() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    json_of(&data.0, &server, &["create", "--id", "t1", "--now", "2024-01-01T00:00:00Z"]);
    json_of(&data.0, &server, &["snapshot", "t1", "base"]);
    drop(server);
    let server = Server::of(runstate(&data.0));
    let (code, said) = twin(&data.0, &server, &["list"]);
    assert!(code == 1 && said.contains("401"), "{said}");
    let mut connection = connect(&data.0).await;
    let left = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'twin%' OR proname = 'is_twin_id' \
                OR proname IN ('present_time', 'stored_history_days') AND prolang <> 14";
    assert_eq!(number(&mut connection, left).await, 0);
    let triggers = "SELECT count(*) FROM pg_trigger WHERE tgname = 'device_state_before_insert'";
    assert_eq!(number(&mut connection, triggers).await, 0);
    connection.close().await.unwrap();
    drop(server);
    let server = Server::of(with_twin(&data.0));
    let listed = json_of(&data.0, &server, &["list"]);
    assert_eq!(listed["tenants"][0]["id"], "t1");
    assert!(listed["tenants"][0]["clock"]["now"].as_str().unwrap() < "2024-02", "{listed}");
    assert_eq!(listed["snapshots"], json!([{ "name": "base" }]));
}

#[tokio::test]
async fn a_server_that_is_killed_during_a_copy_leaves_no_half_tenant() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    json_of(&data.0, &server, &["create", "--id", "t1"]);
    let mut connection = connect(&data.0).await;
    let mut transaction = connection.begin().await.unwrap();
    // The copy waits here, after it has written other rows.
    sqlx::query("LOCK TABLE device_state").execute(&mut *transaction).await.unwrap();
    let fork = {
        let (data, url) = (data.0.clone(), server.http.clone());
        std::thread::spawn(move || {
            let mut program = configured(Command::new(RUNSTATE), &data);
            program.env("RUNSTATE_TWIN_SECRET", SECRET).env("RUNSTATE_TWIN_URL", url);
            program.env("RUNSTATE_TWIN", "true");
            run(program.args(["twin", "fork", "t1", "--id", "t2"])).status.success()
        })
    };
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    while number(&mut transaction, waiting).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.signal("-KILL");
    assert!(!fork.join().unwrap());
    drop(transaction);
    drop(connection);
    drop(server);
    let server = Server::of(with_twin(&data.0));
    let listed = json_of(&data.0, &server, &["list"]);
    assert_eq!(listed["tenants"].as_array().unwrap().len(), 1, "{listed}");
    let mut connection = connect(&data.0).await;
    assert_eq!(number(&mut connection, "SELECT count(*) FROM twin_tenant").await, 1);
    let of_twin = "SELECT count(*) FROM tenant WHERE id::text LIKE '7e570000-7714-8%'";
    assert_eq!(number(&mut connection, of_twin).await, 1);
}
