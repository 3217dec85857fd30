//! Updates and upserts that share a statement.

use runstate::message::Body;
use serde_json::{Value as Json, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::queue::{Queue, Write, hold_state, retry_after};
use crate::harness::{Server, wait_until_blocked};

/// The number of updates of one entity that may wait.
const MAX_OF_ENTITY: usize = 64;

/// The number of the transaction that wrote a run state last.
async fn transaction(database: &mut PgConnection, id: &str) -> i64 {
    let number = "SELECT xmin::text::bigint FROM device_state WHERE id = $1";
    sqlx::query_scalar(number).bind(id).fetch_one(database).await.unwrap()
}

fn fail() -> Json {
    json!({ "runState": "fail" })
}

#[tokio::test]
async fn each_update_of_one_statement_gets_its_own_result() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let (script, other) = (client.new_script().await, client.new_script().await);
    let other_tenant = server.other_tenant();
    let foreign = other_tenant.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    for (parent, id) in
        [(&script, "held"), (&script, "a"), (&script, "b"), (&other, "c"), (&user, "d")]
    {
        queue.create(parent, id).await.status().await;
    }
    other_tenant.post(&format!("{foreign}/deviceRunStates"), &json!({ "id": "e" })).await.created();
    let tag = client.get(&format!("{script}/deviceRunStates/a")).await;
    let tag = tag.header("etag").unwrap().to_owned();
    let mut database = server.database().await;
    let hold = hold_state(&server, "held").await;
    let first = queue.upsert(&script, "held", fail()).await;
    wait_until_blocked(&mut database).await;

    let unknown = format!("{}/{}", script.rsplit_once('/').unwrap().0, Uuid::now_v7());
    let bound = json!({ "managedDevice@odata.bind": "deviceManagement/managedDevices/unknown" });
    let updates = [
        (queue.upsert(&script, "b", fail()).await, 200),
        (queue.upsert(&other, "c", fail()).await, 200),
        (queue.upsert(&script, "new", fail()).await, 201),
        (queue.upsert(&script, "b", fail()).await, 200),
        (queue.upsert(&unknown, "b", fail()).await, 404),
        (queue.upsert(&foreign, "e", fail()).await, 404),
        (queue.upsert(&script, "b", bound).await, 400),
        (queue.upsert(&user, "d", fail()).await, 200),
        (queue.upsert(&user, "b", fail()).await, 409),
        (queue.update_if(&script, "a", &tag, fail()).await, 200),
        (queue.update_if(&script, "b", &tag, fail()).await, 412),
        (queue.update_if(&script, "none", &tag, fail()).await, 404),
    ];
    drop(hold);
    assert_eq!(first.status().await, 200);
    for (place, (update, status)) in updates.into_iter().enumerate() {
        assert_eq!(update.status().await, status, "update {place}");
    }
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    let counts = (&summary["successDeviceCount"], &summary["errorDeviceCount"]);
    assert_eq!(counts, (&json!(0), &json!(5)));
    assert_eq!(client.get(&user).await.ok()["errorDeviceCount"], 1);
}

#[tokio::test]
async fn updates_that_wait_share_a_statement() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let (script, other) = (client.new_script().await, client.new_script().await);
    for (parent, id) in [(&script, "held"), (&script, "a"), (&other, "b")] {
        queue.create(parent, id).await.status().await;
    }
    let mut database = server.database().await;
    let hold = hold_state(&server, "held").await;
    let first = queue.upsert(&script, "held", fail()).await;
    wait_until_blocked(&mut database).await;
    let (one, two) =
        (queue.upsert(&other, "b", fail()).await, queue.upsert(&script, "a", fail()).await);
    drop(hold);
    assert_eq!((first.status().await, one.status().await, two.status().await), (200, 200, 200));
    let shared = transaction(&mut database, "a").await;
    assert_eq!(transaction(&mut database, "b").await, shared);
    assert_ne!(transaction(&mut database, "held").await, shared);
}

#[tokio::test]
async fn replies_with_and_without_the_entity_do_not_mix() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let script = client.new_script().await;
    for id in ["held", "a", "b"] {
        queue.create(&script, id).await.status().await;
    }
    let mut database = server.database().await;
    let hold = hold_state(&server, "held").await;
    let first = queue.upsert_minimal(&script, "held", fail()).await;
    wait_until_blocked(&mut database).await;
    let full = queue.upsert(&script, "a", fail()).await;
    let minimal = queue.upsert_minimal(&script, "b", fail()).await;
    drop(hold);
    assert_eq!(first.status().await, 204);
    let (full, minimal) = (full.answer().await, minimal.answer().await);
    assert_eq!((full.status, minimal.status), (200, 204));
    let Body::Whole(body) = full.body else { panic!("a stream") };
    let entity: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!((&entity["id"], &entity["runState"]), (&json!("a"), &json!("fail")));
}

/// Creates the run states `hot` and `other`, and starts an update of `hot`, which waits until the first
/// connection is dropped.
async fn block_hot(
    server: &Server,
    queue: &Queue,
    script: &str,
) -> (PgConnection, PgConnection, Write) {
    for id in ["hot", "other"] {
        queue.create(script, id).await.status().await;
    }
    let mut database = server.database().await;
    let hold = hold_state(server, "hot").await;
    let first = queue.upsert(script, "hot", fail()).await;
    wait_until_blocked(&mut database).await;
    (hold, database, first)
}

#[tokio::test]
async fn updates_of_one_entity_do_not_delay_others() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let script = client.new_script().await;
    let (hold, mut database, first) = block_hot(&server, &queue, &script).await;
    let mut hot = vec![first];
    for number in 0..10 {
        hot.push(
            queue.upsert(&script, "hot", json!({ "runState": "fail", "errorCode": number })).await,
        );
    }
    let other = queue.upsert(&script, "other", fail()).await;
    drop(hold);
    assert_eq!(other.status().await, 200);
    for update in hot {
        assert_eq!(update.status().await, 200);
    }
    let (other, hot) =
        (transaction(&mut database, "other").await, transaction(&mut database, "hot").await);
    assert!(other < hot, "{other} came after {hot}");
    let hot = client.get(&format!("{script}/deviceRunStates/hot")).await.ok();
    assert_eq!(hot["errorCode"], 9);
}

#[tokio::test]
async fn updates_of_one_entity_cannot_fill_the_queue() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let script = client.new_script().await;
    let (hold, _database, first) = block_hot(&server, &queue, &script).await;
    let mut hot = vec![first];
    for _ in 0..2 * MAX_OF_ENTITY {
        hot.push(queue.upsert(&script, "hot", fail()).await);
    }
    let other = queue.upsert(&script, "other", fail()).await;
    drop(hold);
    assert_eq!(other.status().await, 200);
    let (mut written, mut refused) = (0, 0);
    for update in hot {
        let answer = update.answer().await;
        match answer.status {
            200 => written += 1,
            status => {
                assert_eq!((status, retry_after(&answer)), (503, Some("1")));
                refused += 1;
            }
        }
    }
    // Two statements had one of them each when the others were counted.
    assert_eq!((written, refused), (MAX_OF_ENTITY + 2, MAX_OF_ENTITY - 1));
}

#[tokio::test]
async fn after_a_panic_of_the_writer_the_next_write_is_written() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let script = client.new_script().await;
    let (hold, _database, first) = block_hot(&server, &queue, &script).await;
    let second = queue.upsert(&script, "hot", fail()).await;
    let mut hot = Vec::new();
    for _ in 0..=MAX_OF_ENTITY {
        hot.push(queue.upsert(&script, "hot", fail()).await);
    }
    // The last one is refused while a writer chooses the rows of its statement.
    hot.last_mut().unwrap().panic_when_answered().await;
    drop(hold);
    // The second writer has begun to write the second update.
    assert_eq!((first.status().await, second.status().await), (200, 200));
    for update in hot {
        let answer = update.answer().await;
        assert_eq!((answer.status, retry_after(&answer)), (503, Some("1")));
    }
    assert_eq!(queue.upsert(&script, "hot", fail()).await.status().await, 200);
}
