//! The database stops, in every way there is, and comes back.

use std::time::Duration;

use crate::world::World;

/// An outage under load: from the fault to what ends it.
async fn outage(fault: impl Fn(&World), end: impl Fn(&World)) {
    let world = World::new().await;
    let load = world.load();
    tokio::time::sleep(Duration::from_millis(500)).await;
    fault(&world);
    world.notices().await;
    end(&world);
    world.recovers().await;
    let record = load.stop().await;
    record.some_refused();
    world.kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn what_was_acknowledged_outlives_an_immediate_stop_of_the_database() {
    let stop = |world: &World| {
        world.hold_postgres();
        world.signal_postgres("QUIT");
    };
    outage(stop, World::let_postgres_return).await;
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_kill_of_the_database() {
    let kill = |world: &World| {
        world.hold_postgres();
        world.signal_all_of_postgres("KILL");
    };
    outage(kill, World::let_postgres_return).await;
}

#[tokio::test]
async fn a_paused_database_is_waited_for_by_nobody() {
    let pause = |world: &World| world.signal_all_of_postgres("STOP");
    outage(pause, |world| world.signal_all_of_postgres("CONT")).await;
}

#[tokio::test]
async fn the_database_may_be_killed_at_any_moment() {
    let world = World::new().await;
    let load = world.load();
    for milliseconds in [310, 170, 430] {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        world.signal_postgres("KILL");
        world.recovers().await;
    }
    let record = load.stop().await;
    record.all_answered();
    world.kept(&record).await;
    world.end().await;
}
