//! The lock with which one server at a time has the test twin of a database.

use std::time::Duration;

use runstate::retention::HistoryDays;
use runstate::store::Store;
use serde_json::json;
use sqlx::ConnectOptions;

use super::number;
use crate::database::Database;
use crate::world::World;

#[tokio::test]
async fn one_server_at_a_time_has_the_twin_of_a_database() {
    let world = World::start().await;
    let second = runstate::store::Store::switch_twin_on(world.database.options()).await;
    let refused = second.unwrap_err().to_string();
    assert_eq!(refused, "another server has the test twin of this database");
    // Nor does a server without a twin switch it off.
    runstate::store::Store::switch_twin_off(world.database.options()).await.unwrap();
    world.tenant(json!({})).await;
}

/// The backend whose session has the lock of the twin; 0 if there is none.
const HOLDER: &str = "SELECT coalesce(max(pid), 0)::bigint FROM pg_locks \
                      JOIN pg_database ON pg_database.oid = database \
                      WHERE locktype = 'advisory' AND granted AND datname = current_database() \
                      AND classid = x'54657374'::int::oid AND objid = x'5477696e'::int::oid";

#[tokio::test]
async fn a_server_that_lost_the_lock_takes_it_again_when_the_other_server_has_ended() {
    let database = Database::create();
    let options = database.options().clone();
    drop(Store::open(options.clone(), HistoryDays::default()).await.unwrap());
    let mut first = Store::switch_twin_on(&options).await.unwrap();
    assert!(first.keep().await.unwrap());
    let mut connection = options.connect().await.unwrap();
    let end = "SELECT pg_terminate_backend($1::int)";
    let holder = number(&mut connection, HOLDER).await;
    sqlx::query(end).bind(holder).execute(&mut connection).await.unwrap();
    while number(&mut connection, HOLDER).await == holder {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = Store::switch_twin_on(&options).await.unwrap();
    // Each time, also over a connection that works.
    assert!(!first.keep().await.unwrap());
    assert!(!first.keep().await.unwrap());
    drop(second);
    while number(&mut connection, HOLDER).await != 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(first.keep().await.unwrap());
    assert_ne!(number(&mut connection, HOLDER).await, 0);
    assert!(Store::switch_twin_on(&options).await.is_err());
}
