//! What do the checks of health say while the database is away, read-only or of another version?

use serde_json::json;

use crate::server::Server;
use crate::system::{PATIENCE, eventually};
use crate::world::World;

/// What `/health/ready` answers then.
pub(crate) const READ_ONLY: &str =
    "the database is read-only, as a standby is: reads are served, writes are refused";
const OUTDATED: &str = "the database's schema is not that of this version: run `runstate migrate`";

/// Waits until `/health/ready` answers so.
async fn eventually_ready_says(server: &Server, status: u16, text: &str) {
    let said = async || server.health("/health/ready").await == (status, text.to_owned());
    eventually(&format!("/health/ready says {status} {text}"), PATIENCE, said).await;
}

#[tokio::test]
async fn a_server_without_its_database_lives_and_is_not_ready() {
    let world = World::new().await;
    assert_eq!(world.server.health("/health/ready").await, (200, "ok".into()));
    world.prevent_postgres_restart();
    world.signal_postgres("QUIT");
    world.wait_for_outage().await;
    let away = (503, "the database does not answer".to_owned());
    assert_eq!(world.server.health("/health").await, away);
    assert_eq!(world.server.health("/health/ready").await, away);
    assert_eq!(world.server.health("/health/live").await, (200, "ok".into()));
    world.allow_postgres_restart();
    world.wait_for_recovery().await;
    eventually_ready_says(&world.server, 200, "ok").await;
    world.end().await;
}

#[tokio::test]
async fn a_server_on_a_read_only_database_serves_reads_and_is_not_ready() {
    let mut world = World::new().await;
    world.run("ALTER SYSTEM SET default_transaction_read_only = on").await;
    world.run("SELECT pg_reload_conf()").await;
    eventually_ready_says(&world.server, 503, READ_ONLY).await;
    // So does one that starts on it.
    world = world.with_restarted_server().await;
    assert_eq!(world.server.health("/health/ready").await, (503, READ_ONLY.into()));
    assert_eq!(world.server.health("/health").await, (200, "ok".into()));
    assert_eq!(world.server.health("/health/live").await, (200, "ok".into()));
    world.server.get(&world.states).await.with(200);
    let refused = world.server.post(&world.states, &json!({})).await;
    assert!(refused.is_refusal(), "{refused:?}");
    world.run("ALTER SYSTEM RESET default_transaction_read_only").await;
    world.run("SELECT pg_reload_conf()").await;
    eventually_ready_says(&world.server, 200, "ok").await;
    world.server.post(&world.states, &json!({})).await.with(201);
    world.end().await;
}

#[tokio::test]
async fn a_server_is_ready_on_a_newer_schema_and_not_on_an_older_one() {
    let world = World::new().await;
    world
        .run(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'newer', true, 'x', 0)",
        )
        .await;
    world.run("UPDATE _sqlx_migrations SET success = false WHERE version = 3").await;
    eventually_ready_says(&world.server, 503, OUTDATED).await;
    assert_eq!(world.server.health("/health").await, (200, "ok".into()));
    world.run("UPDATE _sqlx_migrations SET success = true WHERE version = 3").await;
    eventually_ready_says(&world.server, 200, "ok").await;
    world.run("ALTER TABLE _sqlx_migrations RENAME TO hidden").await;
    eventually_ready_says(&world.server, 503, OUTDATED).await;
    world.run("ALTER TABLE hidden RENAME TO _sqlx_migrations").await;
    eventually_ready_says(&world.server, 200, "ok").await;
    world.end().await;
}
