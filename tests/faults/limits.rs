//! The database runs, but has no free connections, is read-only, or is slow.

use std::time::Duration;

use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::str::FromStr;

use crate::server::Server;
use crate::world::World;

#[tokio::test]
async fn a_database_without_free_connections_is_down_until_one_is_free() {
    let mut world = World::new().await;
    world
        .run("CREATE ROLE guest LOGIN PASSWORD 'guest' CONNECTION LIMIT 8; GRANT runstate, runstate_server TO guest")
        .await;
    let url = world.url_of("guest", "guest");
    world.server = Server::start(&world.server_folder(), &url, &world.token).await;
    let load = world.load();
    load.rounds(1).await;
    world.run("ALTER ROLE guest CONNECTION LIMIT 1").await;
    world
        .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guest'")
        .await;
    // The test takes the only connection before the server does.
    let guest = PgConnectOptions::from_str(&url).unwrap();
    let mut taken = guest.connect().await;
    while taken.is_err() {
        world
            .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guest'")
            .await;
        taken = guest.connect().await;
    }
    world.wait_for_outage().await;
    taken.unwrap().close().await.unwrap();
    world.run("ALTER ROLE guest CONNECTION LIMIT -1").await;
    world.wait_for_recovery().await;
    let record = load.stop().await;
    record.assert_some_refused();
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn a_read_only_database_can_still_be_read() {
    let world = World::new().await;
    let load = world.load();
    load.rounds(1).await;
    world.run("ALTER SYSTEM SET default_transaction_read_only = on").await;
    world.run("SELECT pg_reload_conf()").await;
    world.wait_for_refusal(async |server| server.post(&world.states, &json!({})).await).await;
    world.server.get(&world.states).await.with(200);
    assert!(world.server.is_healthy().await);
    world.run("ALTER SYSTEM RESET default_transaction_read_only").await;
    world.run("SELECT pg_reload_conf()").await;
    world.wait_for_recovery().await;
    let record = load.stop().await;
    record.assert_some_refused();
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn requests_wait_for_a_slow_database() {
    let world = World::new().await;
    let load = world.load();
    load.rounds(1).await;
    world.link.set_delay(Duration::from_millis(60));
    load.rounds(5).await;
    world.server.get(&world.states).await.with(200);
    assert!(world.server.is_healthy().await);
    let record = load.stop().await;
    record.assert_none_refused();
    world.link.set_delay(Duration::ZERO);
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn a_statement_timeout_does_not_affect_other_requests() {
    let world = World::new().await;
    let script = world.new_script().await;
    let load = world.load();
    let mut database = world.database().await;
    let mut transaction = database.begin().await.unwrap();
    let id = script.rsplit('/').next().unwrap();
    let lock = sqlx::query("SELECT FROM script WHERE id = $1::uuid FOR UPDATE").bind(id);
    lock.execute(&mut *transaction).await.unwrap();
    let change = json!({ "displayName": "Changed" });
    assert!(world.server.patch(&script, &change).await.is_refusal());
    transaction.rollback().await.unwrap();
    world.server.patch(&script, &change).await.with(200);
    load.rounds(1).await;
    let record = load.stop().await;
    record.assert_none_refused();
    world.assert_kept(&record).await;
    world.end().await;
}
