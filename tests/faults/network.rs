//! The network between the server and its database breaks.

use std::time::Duration;

use serde_json::json;
use sqlx::Connection;

use crate::world::World;

#[tokio::test]
async fn a_retry_settles_a_create_whose_connection_was_lost() {
    let world = World::new().await;
    let row = json!({ "id": "disconnected", "runState": "success" });
    let mut database = world.database().await;
    let mut transaction = database.begin().await.unwrap();
    let lock = "SELECT FROM user_state WHERE id = 'user' FOR UPDATE";
    sqlx::query(lock).execute(&mut *transaction).await.unwrap();
    let disconnect = async {
        world.wait_for_blocked().await;
        world.link.disconnect();
    };
    let (reply, ()) = tokio::join!(world.server.post(&world.states, &row), disconnect);
    assert!(reply.is_refusal(), "{reply:?}");
    transaction.rollback().await.unwrap();
    world.wait_for_recovery().await;
    let again = world.server.post(&world.states, &row).await;
    assert!([201, 409].contains(&again.status), "{again:?}");
    assert_eq!(world.server.post(&world.states, &row).await.status, 409);
    world.end().await;
}

#[tokio::test]
async fn broken_connections_under_load_lose_no_acknowledged_row() {
    let world = World::new().await;
    let load = world.load();
    load.rounds(1).await;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        world.link.disconnect();
    }
    world.wait_for_recovery().await;
    let record = load.stop().await;
    record.assert_all_answered();
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn a_silent_network_is_detected_and_its_connections_are_dropped() {
    let world = World::new().await;
    let load = world.load();
    load.rounds(1).await;
    world.link.fall_silent();
    world.wait_for_outage().await;
    world.link.restore();
    world.wait_for_recovery().await;
    let record = load.stop().await;
    record.assert_some_refused();
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn silent_connections_are_dropped_even_if_new_ones_work() {
    let world = World::new().await;
    let load = world.load();
    for milliseconds in [0, 400, 1100] {
        load.rounds(1).await;
        world.link.fall_silent();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        world.link.restore();
        world.wait_for_recovery().await;
    }
    let record = load.stop().await;
    record.assert_some_refused();
    world.assert_kept(&record).await;
    world.end().await;
}
