//! Can a run state exist without its script or its user state, when writes run at the same time or
//! bypass the server?

use serde_json::json;
use sqlx::PgConnection;

use crate::harness::{Client, Server, error_code, execute, wait_until_blocked};

/// The SQLSTATE `foreign_key_violation`.
const REFERENCE: Option<&str> = Some("23503");

/// A script with a user state, and the paths of both.
async fn parents() -> (Server, Client, [String; 2]) {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    (server, client, [script, user])
}

/// SQL that inserts a run state.
fn insert(id: &str) -> String {
    format!(
        "INSERT INTO device_state (tenant_id, script_id, id, user_state_id, last_state_update, \
         last_state_update_offset, run_state, error_code) \
         SELECT tenant_id, script_id, '{id}', id, 0, 0, 'success', 0 FROM user_state"
    )
}

/// An open transaction that has deleted all rows of a table.
async fn deleted(server: &Server, table: &str) -> PgConnection {
    let mut deleter = server.database().await;
    execute(&mut deleter, format!("BEGIN; DELETE FROM {table}")).await;
    deleter
}

async fn ids(database: &mut PgConnection) -> Vec<String> {
    let ids = "SELECT id FROM device_state ORDER BY id";
    sqlx::query_scalar(ids).fetch_all(database).await.unwrap()
}

#[tokio::test]
async fn the_database_itself_refuses_a_run_state_without_its_parents() {
    let (server, _, _) = parents().await;
    let mut owner = server.database().await;
    execute(&mut owner, insert("kept")).await;
    let no_script = insert("new").replace("script_id, 'new', id", "gen_random_uuid(), 'new', NULL");
    let no_user = insert("new").replace("'new', id", "'new', 'nobody'");
    for statement in [
        &no_script,
        &no_user,
        "UPDATE device_state SET script_id = gen_random_uuid()",
        "UPDATE device_state SET user_state_id = 'nobody'",
        "UPDATE user_state SET id = 'other'",
        "UPDATE script SET id = gen_random_uuid()",
    ] {
        let refused = error_code(&mut owner, statement.into()).await;
        assert_eq!(refused.as_deref(), REFERENCE, "{statement}");
        assert_eq!(ids(&mut owner).await, ["kept"], "{statement}");
    }
}

#[tokio::test]
async fn a_delete_waits_for_uncommitted_run_states_and_deletes_them() {
    for place in [0, 1] {
        let (server, client, paths) = parents().await;
        let (mut owner, mut writer) = (server.database().await, server.database().await);
        execute(&mut owner, insert("before")).await;
        execute(&mut writer, format!("BEGIN; {}", insert("meanwhile"))).await;
        let path = paths[place].clone();
        let deleted = tokio::spawn(async move { client.delete(&path).await.status });
        wait_until_blocked(&mut owner).await;
        execute(&mut writer, "COMMIT".into()).await;
        assert_eq!(deleted.await.unwrap(), 204, "{}", paths[place]);
        assert_eq!(ids(&mut owner).await, [""; 0], "{}", paths[place]);
    }
}

#[tokio::test]
async fn an_insert_during_the_delete_of_its_parent_is_refused() {
    for table in ["script", "user_state"] {
        let (server, _, _) = parents().await;
        let (mut owner, mut writer) = (server.database().await, server.database().await);
        let mut deleter = deleted(&server, table).await;
        let refused = tokio::spawn(async move { error_code(&mut writer, insert("past")).await });
        wait_until_blocked(&mut owner).await;
        execute(&mut deleter, "COMMIT".into()).await;
        assert_eq!(refused.await.unwrap().as_deref(), REFERENCE, "{table}");
        assert_eq!(ids(&mut owner).await, [""; 0], "{table}");
    }
}

#[tokio::test]
async fn a_create_during_the_delete_of_its_parent_is_404() {
    for table in ["script", "user_state"] {
        let (server, client, [_, user]) = parents().await;
        let mut owner = server.database().await;
        let mut deleter = deleted(&server, table).await;
        let states = format!("{user}/deviceRunStates");
        let posted = tokio::spawn(async move { client.post(&states, &json!({})).await });
        wait_until_blocked(&mut owner).await;
        execute(&mut deleter, "COMMIT".into()).await;
        posted.await.unwrap().refused(404, "ResourceNotFound");
        assert_eq!(ids(&mut owner).await, [""; 0], "{table}");
    }
}
