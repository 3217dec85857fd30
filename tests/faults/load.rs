//! Load: clients that post run states until they are stopped, and record which were acknowledged.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::json;
use tokio::task::JoinSet;

/// How many clients there are.
const CLIENTS: usize = 12;
/// The longest time that a request may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(18);
/// The time that a client waits after a refusal.
const PAUSE: Duration = Duration::from_millis(50);

/// Running clients.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    clients: JoinSet<Record>,
}

/// The results of all requests.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The ids of rows that exist: the reply was 201, or 409 to a second attempt.
    pub(crate) acknowledged: BTreeSet<String>,
    /// The ids of rows that may exist: no reply told.
    pub(crate) unknown: BTreeSet<String>,
    /// How many requests were answered 503.
    refused: usize,
    /// The errors of requests that got no reply.
    unanswered: Vec<String>,
    /// Replies that no client should get.
    unexpected: Vec<String>,
    slowest: Duration,
}

impl Load {
    /// Starts clients that post to the collection with this URL.
    pub(crate) fn start(collection: &str, token: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let (collection, token) = (collection.to_owned(), token.to_owned());
            clients.spawn(client(number, collection, token, Arc::clone(&stop)));
        }
        Self { stop, clients }
    }

    /// Stops the clients after their current requests, and adds up their results.
    pub(crate) async fn stop(self) -> Record {
        self.stop.store(true, Ordering::Relaxed);
        let records = self.clients.join_all().await.into_iter();
        let record = records.reduce(Record::merge).unwrap();
        assert!(record.unexpected.is_empty(), "{:?}", record.unexpected);
        assert!(record.slowest < DEADLINE, "{:?}", record.slowest);
        assert!(!record.acknowledged.is_empty(), "nothing was acknowledged");
        record
    }
}

/// Posts one row after the other, and repeats each until a reply says that it exists.
async fn client(number: usize, url: String, token: String, stop: Arc<AtomicBool>) -> Record {
    let http = Client::builder().no_proxy().timeout(DEADLINE * 2).build().unwrap();
    let mut record = Record::default();
    for row in 0.. {
        let id = format!("client-{number}-row-{row}");
        let run_state = if row % 2 == 0 { "success" } else { "fail" };
        let body = json!({ "id": id, "runState": run_state }).to_string();
        record.unknown.insert(id.clone());
        for attempt in 0.. {
            if stop.load(Ordering::Relaxed) {
                return record;
            }
            let request = http.post(&url).bearer_auth(&token).body(body.clone());
            let start = Instant::now();
            let reply = request.header("Content-Type", "application/json").send().await;
            record.slowest = record.slowest.max(start.elapsed());
            match reply {
                Ok(reply) => match reply.status().as_u16() {
                    201 => break,
                    409 if attempt > 0 => break,
                    503 if reply.headers().contains_key("retry-after") => record.refused += 1,
                    status => record.unexpected.push(format!("{status} to {id}")),
                },
                Err(error) => record.unanswered.push(format!("{error:?}")),
            }
            tokio::time::sleep(PAUSE).await;
        }
        record.unknown.remove(&id);
        record.acknowledged.insert(id);
    }
    record
}

impl Record {
    /// Asserts that every request got a reply.
    #[track_caller]
    pub(crate) fn assert_all_answered(&self) {
        assert!(self.unanswered.is_empty(), "{:?}", self.unanswered);
    }

    /// Asserts that every request got a reply, and that some were refused.
    #[track_caller]
    pub(crate) fn assert_some_refused(&self) {
        self.assert_all_answered();
        assert!(self.refused > 0, "no request was refused");
    }

    /// Asserts that every request got a reply, and that none was refused.
    #[track_caller]
    pub(crate) fn assert_none_refused(&self) {
        self.assert_all_answered();
        assert_eq!(self.refused, 0);
    }

    /// Whether a client posted a row with this id.
    pub(crate) fn was_posted(&self, id: &str) -> bool {
        self.acknowledged.contains(id) || self.unknown.contains(id)
    }

    fn merge(mut self, mut other: Self) -> Self {
        self.acknowledged.append(&mut other.acknowledged);
        self.unknown.append(&mut other.unknown);
        self.refused += other.refused;
        self.unanswered.append(&mut other.unanswered);
        self.unexpected.append(&mut other.unexpected);
        self.slowest = self.slowest.max(other.slowest);
        self
    }
}
