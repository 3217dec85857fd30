//! One to three servers on one database are killed, stopped and started again.

use std::time::Duration;

use crate::balancer::Balancer;
use crate::system::{PATIENCE, eventually};
use crate::world::World;

#[tokio::test]
async fn killing_the_server_at_any_moment_loses_no_acknowledged_row() {
    let mut world = World::new().await;
    let load = world.load();
    load.rounds(1).await;
    for milliseconds in [410, 230] {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        world.server.kill();
        world = world.with_restarted_server().await;
    }
    load.rounds(1).await;
    let record = load.stop().await;
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn two_servers_on_one_database_count_every_row_once() {
    let world = World::new().await;
    let second = world.another_server().await;
    let servers = [world.server.address().to_owned(), second.address().to_owned()];
    let balancer = Balancer::before(&servers).await;
    let load = world.load_on(&balancer.base());
    load.rounds(20).await;
    let record = load.stop().await;
    record.assert_none_refused();
    assert!(record.reported.values().all(|it| it.acknowledged > 1), "{:?}", record.reported);
    world.assert_kept(&record).await;
    drop(second);
    world.end().await;
}

#[tokio::test]
async fn killing_one_of_three_servers_loses_no_acknowledged_row() {
    let world = World::new().await;
    let mut second = world.another_server().await;
    let third = world.another_server().await;
    let servers = [&world.server, &second, &third].map(|server| server.address().to_owned());
    let balancer = Balancer::before(&servers).await;
    let load = world.load_on(&balancer.base());
    load.rounds(2).await;
    second.kill();
    load.rounds(10).await;
    let record = load.stop().await;
    world.assert_kept(&record).await;
    drop((second, third));
    world.end().await;
}

/// Each machine has a data directory, and the key of its local issuer there.
#[tokio::test]
async fn a_server_of_another_machine_accepts_tokens_once_it_has_a_copy_of_the_issuers_key() {
    const KEY: &str = "local-issuer.pem";
    let world = World::new().await;
    let folder = world.server_folder().join("another-machine");
    std::fs::create_dir(&folder).unwrap();
    let other = world.server_at(&folder).await;
    let reply = other.get(&world.states).await;
    assert_eq!(reply.body["error"]["code"], "InvalidAuthenticationToken", "{reply:?}");
    drop(other);
    std::fs::copy(world.server_folder().join(KEY), folder.join(KEY)).unwrap();
    let other = world.server_at(&folder).await;
    other.get(&world.states).await.with(200);
    drop(other);
    world.end().await;
}

#[tokio::test]
async fn a_rolling_restart_of_two_servers_loses_no_request() {
    let mut world = World::new().await;
    let mut second = world.another_server().await;
    let servers = [world.server.address().to_owned(), second.address().to_owned()];
    let balancer = Balancer::before(&servers).await;
    let load = world.load_on(&balancer.base());
    for _ in 0..2 {
        load.rounds(2).await;
        std::mem::swap(&mut world.server, &mut second);
        world.server.terminate();
        // The reply to the health check shows it while the server still accepts requests.
        eventually("its health check fails", PATIENCE, async || {
            world.server.health("/health").await.0 == 503
        })
        .await;
        assert!(world.server.wait_for_exit().await.success());
        world = world.with_restarted_server().await;
    }
    load.rounds(2).await;
    let record = load.stop().await;
    record.assert_none_refused();
    world.assert_kept(&record).await;
    drop(second);
    world.end().await;
}
