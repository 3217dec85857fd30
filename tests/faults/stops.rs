//! The database stops (at once, killed, paused) and comes back.

use std::time::Duration;

use crate::world::World;

/// An outage under load: `fault` starts it, `end` ends it.
async fn outage(fault: impl Fn(&World), end: impl Fn(&World)) {
    let world = World::new().await;
    let load = world.load();
    load.rounds(1).await;
    fault(&world);
    world.wait_for_outage().await;
    end(&world);
    world.wait_for_recovery().await;
    let record = load.stop().await;
    record.assert_some_refused();
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn acknowledged_rows_survive_an_immediate_stop_of_the_database() {
    let stop = |world: &World| {
        world.prevent_postgres_restart();
        world.signal_postgres("QUIT");
    };
    outage(stop, World::allow_postgres_restart).await;
}

#[tokio::test]
async fn acknowledged_rows_survive_a_kill_of_the_database() {
    let kill = |world: &World| {
        world.prevent_postgres_restart();
        world.signal_all_postgres_processes("KILL");
    };
    outage(kill, World::allow_postgres_restart).await;
}

#[tokio::test]
async fn requests_to_a_paused_database_are_refused_at_once() {
    let pause = |world: &World| world.signal_all_postgres_processes("STOP");
    outage(pause, |world| world.signal_all_postgres_processes("CONT")).await;
}

#[tokio::test]
async fn killing_the_database_at_any_moment_loses_no_acknowledged_row() {
    let world = World::new().await;
    let load = world.load();
    load.rounds(1).await;
    for milliseconds in [310, 170, 430] {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        world.signal_postgres("KILL");
        world.wait_for_recovery().await;
    }
    let record = load.stop().await;
    record.assert_all_answered();
    world.assert_kept(&record).await;
    world.end().await;
}
