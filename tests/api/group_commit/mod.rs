//! Does each write get its own result when several wait for the database and share a statement?

mod concurrent;
mod locks;
mod queue;
mod repeats;
mod updates;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use crate::harness::{Server, wait_until_blocked};
use queue::{Queue, hold, retry_after, written};

/// The length of the store's queue.
const MAX_WAITING: usize = 4096;
/// So many writes wait when a second statement begins beside the first.
const WRITES_OF_SECOND_WRITER: usize = 64;
/// An immediate refusal takes less than this, even on a busy machine. A statement waits longer than
/// this for a lock.
const AT_ONCE: Duration = Duration::from_secs(3);

#[tokio::test]
async fn each_create_of_one_statement_gets_its_own_result() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let (held, script, other) =
        (client.new_script().await, client.new_script().await, client.new_script().await);
    let other_tenant = server.other_tenant();
    let foreign = other_tenant.new_script().await;
    let own_user = client.new_user_state(&script, "adele").await;
    other_tenant.new_user_state(&foreign, "adele").await;
    let mut database = server.database().await;
    let hold = hold(&server, &held).await;
    let first = queue.create(&held, "first").await;
    wait_until_blocked(&mut database).await;

    let unknown = format!("{}/{}", held.rsplit_once('/').unwrap().0, Uuid::now_v7());
    let bound = json!({ "managedDevice@odata.bind": "deviceManagement/managedDevices/unknown" });
    let creates = [
        (queue.create(&script, "a").await, 201),
        (queue.create(&unknown, "x").await, 404),
        (queue.create(&script, "b").await, 201),
        (queue.create(&script, "a").await, 409),
        (queue.create(&foreign, "x").await, 404),
        (queue.create_with(&script, bound).await, 400),
        (queue.create(&script, "c").await, 201),
        (queue.create(&own_user, "d").await, 201),
        (queue.create(&format!("{other}/userRunStates/adele"), "x").await, 404),
        (queue.create(&format!("{foreign}/userRunStates/adele"), "x").await, 404),
        (queue.create(&own_user, "b").await, 409),
        (queue.create(&own_user, "e").await, 201),
    ];
    hold.close().await.unwrap();
    assert_eq!(first.status().await, 201);
    for (place, (create, status)) in creates.into_iter().enumerate() {
        assert_eq!(create.status().await, status, "create {place}");
    }
    let below_script = written(&mut database, &["a", "b", "c", "x"]).await;
    assert_eq!(below_script, (vec!["a".into(), "b".into(), "c".into()], 1));
    let below_user = written(&mut database, &["d", "e", "x"]).await;
    assert_eq!(below_user, (vec!["d".into(), "e".into()], 1));
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(summary["successDeviceCount"], 5);
}

#[tokio::test]
async fn when_many_writes_wait_a_second_statement_runs_beside_the_first() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let (held, script) = (client.new_script().await, client.new_script().await);
    let mut database = server.database().await;
    let hold = hold(&server, &held).await;
    let first = queue.create(&held, "first").await;
    wait_until_blocked(&mut database).await;
    let mut creates = Vec::new();
    for number in 0..WRITES_OF_SECOND_WRITER {
        creates.push(queue.create(&script, &format!("state-{number}")).await);
    }
    for create in creates {
        assert_eq!(create.status().await, 201);
    }
    hold.close().await.unwrap();
    assert_eq!(first.status().await, 201);
}

#[tokio::test]
async fn cancelling_a_queued_or_running_create_does_not_affect_others() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let (held, script) = (client.new_script().await, client.new_script().await);
    let mut database = server.database().await;
    let (first_hold, second_hold) = (hold(&server, &held).await, hold(&server, &script).await);
    let first = queue.create(&held, "first").await;
    wait_until_blocked(&mut database).await;
    let [kept, queued, running] = ["a", "b", "c"].map(|id| queue.create(&script, id));
    let (kept, queued, running) = (kept.await, queued.await, running.await);
    drop(queued);
    first_hold.close().await.unwrap();
    assert_eq!(first.status().await, 201);
    wait_until_blocked(&mut database).await;
    let next = queue.create(&held, "d").await;
    drop(running);
    second_hold.close().await.unwrap();
    assert_eq!((kept.status().await, next.status().await), (201, 201));
    let (there, _) = written(&mut database, &["a", "b", "c", "d"]).await;
    assert_eq!(there, ["a", "c", "d"]);
}

/// Blocks a statement with three creates, makes it fail by `end`, and asserts that only these fail.
async fn fails_only_creates_of_one_statement(end: impl AsyncFnOnce(&mut PgConnection, i32)) {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let (held, script, other) =
        (client.new_script().await, client.new_script().await, client.new_script().await);
    let mut database = server.database().await;
    let (first_hold, second_hold) = (hold(&server, &held).await, hold(&server, &script).await);
    let first = queue.create(&held, "first").await;
    wait_until_blocked(&mut database).await;
    let together = [
        queue.create(&script, "a").await,
        queue.create(&other, "b").await,
        queue.create(&script, "c").await,
    ];
    first_hold.close().await.unwrap();
    assert_eq!(first.status().await, 201);
    let process = wait_until_blocked(&mut database).await;
    let next = queue.create(&other, "d").await;
    end(&mut database, process).await;
    for create in together {
        let answer = create.answer().await;
        assert_eq!((answer.status, retry_after(&answer)), (503, Some("1")));
    }
    assert_eq!(next.status().await, 201);
    second_hold.close().await.unwrap();
    let (there, _) = written(&mut database, &["a", "b", "c", "d"]).await;
    assert_eq!(there, ["d"]);
    for (parent, id) in [(&script, "a"), (&other, "b"), (&script, "c")] {
        assert_eq!(queue.create(parent, id).await.status().await, 201);
    }
}

#[tokio::test]
async fn a_lost_connection_fails_only_the_creates_of_its_statement() {
    fails_only_creates_of_one_statement(async |database, process| {
        let end = sqlx::query("SELECT pg_terminate_backend($1)").bind(process);
        end.execute(database).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_timeout_fails_only_the_creates_of_its_statement() {
    fails_only_creates_of_one_statement(async |_, _| {}).await;
}

#[tokio::test]
async fn a_full_queue_refuses_creates_at_once_and_loses_none() {
    let server = Server::start().await;
    let (client, queue) = (server.client(), Queue::of(&server));
    let script = client.new_script().await;
    let mut database = server.database().await;
    let mut hold = database.begin().await.unwrap();
    hold.execute("LOCK TABLE device_state IN SHARE MODE").await.unwrap();
    let states = format!("{script}/deviceRunStates");
    let mut waiting = Vec::new();
    let (refused, through_http) = loop {
        let create = queue.create(&script, &waiting.len().to_string()).await;
        let Some(refused) = create.at_once else {
            waiting.push(create);
            continue;
        };
        // A new client, since this thread has not served the old one's connection meanwhile.
        let (client, body) = (server.client(), json!({ "id": "refused" }));
        let post = client.post(&states, &body);
        // A timeout means that a statement gave up its lock wait and made room in the queue.
        if let Ok(through_http) = timeout(AT_ONCE, post).await {
            break (refused, through_http);
        }
    };
    let client = server.client();
    client.get(&states).await.ok();
    hold.rollback().await.unwrap();

    assert!(waiting.len() >= MAX_WAITING, "{}", waiting.len());
    through_http.refused(503, "ServiceUnavailable");
    assert_eq!(through_http.header("retry-after"), retry_after(&refused));
    let seconds: u32 = retry_after(&refused).unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let mut acknowledged = BTreeSet::new();
    for (number, create) in waiting.into_iter().enumerate() {
        let answer = create.answer().await;
        match answer.status {
            201 => drop(acknowledged.insert(number.to_string())),
            // On a slow machine the lock is held longer than a statement waits for it.
            status => assert_eq!((status, retry_after(&answer)), (503, Some("1"))),
        }
    }
    assert!(acknowledged.len() > MAX_WAITING / 2, "{}", acknowledged.len());
    let there: BTreeSet<String> =
        client.ids(&format!("{states}?$select=id")).await.into_iter().collect();
    assert!(acknowledged.is_subset(&there), "{:?}", acknowledged.difference(&there));
    assert!(!there.contains("refused"));
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(summary["successDeviceCount"], there.len());
    client.post(&states, &json!({ "id": "refused" })).await.created();
}
