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
async fn acknowledged_rows_survive_an_immediate_stop_of_the_database() {
    let stop = |world: &World| {
        world.hold_postgres();
        world.signal_postgres("QUIT");
    };
    outage(stop, World::let_postgres_return).await;
}

#[tokio::test]
async fn acknowledged_rows_survive_a_kill_of_the_database() {
    let kill = |world: &World| {
        world.hold_postgres();
        world.signal_all_of_postgres("KILL");
    };
    outage(kill, World::let_postgres_return).await;
}

#[tokio::test]
async fn requests_to_a_paused_database_are_refused_at_once() {
    let pause = |world: &World| world.signal_all_of_postgres("STOP");
    outage(pause, |world| world.signal_all_of_postgres("CONT")).await;
}

#[tokio::test]
async fn killing_the_database_at_any_moment_loses_no_acknowledged_row() {
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
