//! The network between the server and its database breaks.

use std::time::Duration;

use serde_json::json;
use sqlx::Connection;

use crate::world::World;

#[tokio::test]
async fn a_create_that_is_cut_off_in_mid_statement_is_known_at_the_second_attempt() {
    let world = World::new().await;
    let row = json!({ "id": "cut-off", "runState": "success" });
    let mut database = world.database().await;
    let mut transaction = database.begin().await.unwrap();
    let lock = "SELECT FROM user_state WHERE id = 'user' FOR UPDATE";
    sqlx::query(lock).execute(&mut *transaction).await.unwrap();
    let cut = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.link.cut();
    };
    let (reply, ()) = tokio::join!(world.server.post(&world.states, &row), cut);
    assert!(reply.is_refusal(), "{reply:?}");
    transaction.rollback().await.unwrap();
    world.recovers().await;
    let again = world.server.post(&world.states, &row).await;
    assert!([201, 409].contains(&again.status), "{again:?}");
    assert_eq!(world.server.post(&world.states, &row).await.status, 409);
    world.end().await;
}

#[tokio::test]
async fn connections_that_break_under_load_lose_nothing() {
    let world = World::new().await;
    let load = world.load();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        world.link.cut();
    }
    world.recovers().await;
    let record = load.stop().await;
    record.all_answered();
    world.kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn a_silent_network_is_noticed_and_its_connections_are_given_up() {
    let world = World::new().await;
    let load = world.load();
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.link.fall_silent();
    world.notices().await;
    world.link.restore();
    world.recovers().await;
    let record = load.stop().await;
    record.some_refused();
    world.kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn connections_that_fall_silent_are_given_up_though_new_ones_work() {
    let world = World::new().await;
    let load = world.load();
    for milliseconds in [0, 400, 1100] {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.link.fall_silent();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        world.link.restore();
        world.recovers().await;
    }
    let record = load.stop().await;
    record.some_refused();
    world.kept(&record).await;
    world.end().await;
}
