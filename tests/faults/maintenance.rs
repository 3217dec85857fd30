//! Servers and their database are killed while the maintenance removes what has expired.

use crate::system::{PATIENCE, eventually};
use crate::world::World;

/// How many run states expire, in several batches.
const STATES: i64 = 30_000;
const AGE: &str = "SET session_replication_role = replica; UPDATE device_state SET \
                     reported = reported - 100 WHERE id LIKE 'old-%'";

/// Adds a script with run states and versions that have expired.
async fn expire(world: &World) {
    let script = world.new_script().await;
    let script = script.rsplit_once('/').unwrap().1;
    world
        .run(&format!(
            "INSERT INTO device_state (tenant_id, script_id, id, last_state_update,
                                       last_state_update_offset, run_state, error_code)
             SELECT tenant_id, id, 'old-' || number, 0, 0, 'fail', 0
             FROM script, generate_series(1, {STATES}) AS number WHERE id = '{script}'"
        ))
        .await;
    world
        .run(&format!(
            "INSERT INTO device_state_history (
                 tenant_id, script_id, id, last_state_update, last_state_update_offset, valid_from,
                 valid_to, run_state, error_code, version, history_days, removed)
             SELECT tenant_id, id, 'old', 0, 0, now() - interval '10 days',
                    now() - interval '9 days', 'fail', 0, 1, 7, false
             FROM script WHERE id = '{script}'"
        ))
        .await;
    world.run(AGE).await;
    world
        .run(&format!(
            "INSERT INTO script_retention (tenant_id, script_id, run_state_days)
             SELECT tenant_id, id, 30 FROM script WHERE id = '{script}'"
        ))
        .await;
}

/// The number of run states and of versions that have expired and are stored.
async fn remaining(world: &World) -> (i64, i64) {
    let count = "SELECT (SELECT count(*) FROM device_state WHERE id LIKE 'old-%'),
                        (SELECT count(*) FROM device_state_history WHERE id = 'old')";
    sqlx::query_as(count).fetch_one(&mut world.database().await).await.unwrap()
}

async fn wait_until_begun(world: &World) {
    eventually("run states are removed", PATIENCE, async || remaining(world).await.0 < STATES)
        .await;
}

async fn wait_until_done(world: &World) {
    eventually("all has gone", PATIENCE, async || remaining(world).await == (0, 0)).await;
}

#[tokio::test]
async fn killing_the_server_during_maintenance_loses_nothing_and_the_next_one_continues() {
    let mut world = World::new().await;
    expire(&world).await;
    let load = world.load();
    world.server.kill();
    world = world.with_restarted_server().await;
    wait_until_begun(&world).await;
    world.server.kill();
    world = world.with_restarted_server().await;
    wait_until_done(&world).await;
    load.rounds(1).await;
    let record = load.stop().await;
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn killing_the_database_during_maintenance_loses_nothing_and_the_server_continues() {
    let mut world = World::new().await;
    expire(&world).await;
    let load = world.load();
    world.server.kill();
    world = world.with_restarted_server().await;
    wait_until_begun(&world).await;
    world.prevent_postgres_restart();
    world.signal_all_postgres_processes("KILL");
    world.wait_for_outage().await;
    world.allow_postgres_restart();
    world.wait_for_recovery().await;
    wait_until_done(&world).await;
    load.rounds(1).await;
    let record = load.stop().await;
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn of_two_servers_that_start_together_one_does_the_maintenance() {
    let world = World::new().await;
    expire(&world).await;
    let load = world.load();
    let (second, third) = tokio::join!(world.another_server(), world.another_server());
    wait_until_done(&world).await;
    load.rounds(1).await;
    let record = load.stop().await;
    record.assert_none_refused();
    world.assert_kept(&record).await;
    for server in [&second, &third] {
        let warnings = server.log().into_iter().filter(|event| event["level"] == "WARN");
        assert_eq!(warnings.count(), 0, "{:?}", server.log());
    }
    drop((second, third));
    world.end().await;
}
