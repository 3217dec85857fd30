//! Load: clients that create run states, and report one of their own again and again, until they are
//! stopped. They record what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::json;
use tokio::task::JoinSet;

use crate::system::{PATIENCE, eventually};

/// How many clients there are.
const CLIENTS: usize = 12;
/// The longest time that a request may take on a busy machine. The server ends each within 15 seconds.
const DEADLINE: Duration = Duration::from_secs(60);
/// The time that a client waits after a refusal.
const PAUSE: Duration = Duration::from_millis(50);

/// Running clients.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    /// How many rounds each client has made: a row that was acknowledged, and a report.
    rounds: Arc<[AtomicUsize; CLIENTS]>,
    clients: JoinSet<Record>,
}

/// The results of all requests.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The ids of rows that exist: the reply was 201, or 409 to a second attempt.
    pub(crate) acknowledged: BTreeSet<String>,
    /// The ids of rows that may exist: no reply told.
    pub(crate) unknown: BTreeSet<String>,
    /// The run states that were reported again and again, by their ids.
    pub(crate) reported: BTreeMap<String, Reported>,
    /// How many requests were answered 503.
    refused: usize,
    /// The errors of requests that got no reply.
    unanswered: Vec<String>,
    /// Replies that no client should get.
    unexpected: Vec<String>,
    slowest: Duration,
}

/// A run state that was reported with the error codes 0, 1, 2 and so on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reported {
    /// How many reports were acknowledged.
    pub(crate) acknowledged: usize,
    /// How many reports were sent: at most one more.
    pub(crate) sent: usize,
}

impl Load {
    /// Starts clients that post to the collection with this URL.
    pub(crate) fn start(collection: &str, token: &str) -> Self {
        let (stop, rounds) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let (collection, token) = (collection.to_owned(), token.to_owned());
            let (stop, rounds) = (Arc::clone(&stop), Arc::clone(&rounds));
            clients.spawn(client(number, collection, token, stop, rounds));
        }
        Self { stop, rounds, clients }
    }

    /// Waits until each client has made so many more rounds.
    pub(crate) async fn rounds(&self, more: usize) {
        let made = || self.rounds.each_ref().map(|rounds| rounds.load(Ordering::Relaxed));
        let before = made();
        eventually("each client goes on", PATIENCE, async || {
            made().iter().zip(before).all(|(rounds, before)| *rounds >= before + more)
        })
        .await;
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

/// Creates one row after the other, and reports a run state after each. Each request is repeated until
/// a reply says that it is done.
async fn client(
    number: usize,
    url: String,
    token: String,
    stop: Arc<AtomicBool>,
    rounds: Arc<[AtomicUsize; CLIENTS]>,
) -> Record {
    let http = Client::builder().no_proxy().timeout(DEADLINE * 2).build().unwrap();
    let mut record = Record::default();
    let (reported, mut reports) = (format!("reported-{number}"), Reported::default());
    for row in 0.. {
        let id = format!("client-{number}-row-{row}");
        let run_state = if row % 2 == 0 { "success" } else { "fail" };
        record.unknown.insert(id.clone());
        let create = http.post(&url).json(&json!({ "id": id, "runState": run_state }));
        if !record.repeat(&stop, create.bearer_auth(&token), &[201]).await {
            break;
        }
        record.unknown.remove(&id);
        record.acknowledged.insert(id);

        reports.sent += 1;
        let report = http.patch(format!("{url}/{reported}")).bearer_auth(&token);
        let report = report.header("Prefer", "create-if-missing");
        let report = report.json(&json!({ "runState": run_state, "errorCode": row }));
        if !record.repeat(&stop, report, &[200, 201]).await {
            break;
        }
        reports.acknowledged += 1;
        rounds[number].fetch_add(1, Ordering::Relaxed);
    }
    record.reported.insert(reported, reports);
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

    /// Sends a request until its status is one of these, or 409 to a retry. `false` if the clients were
    /// stopped before that.
    async fn repeat(&mut self, stop: &AtomicBool, request: RequestBuilder, done: &[u16]) -> bool {
        for attempt in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let start = Instant::now();
            let reply = request.try_clone().unwrap().send().await;
            self.slowest = self.slowest.max(start.elapsed());
            match reply {
                Ok(reply) => match reply.status().as_u16() {
                    status if done.contains(&status) => return true,
                    409 if attempt > 0 => return true,
                    503 if reply.headers().contains_key("retry-after") => self.refused += 1,
                    status => self.unexpected.push(format!("{status} to {request:?}")),
                },
                Err(error) => self.unanswered.push(format!("{error:?}")),
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }

    /// Whether a client posted a row with this id.
    pub(crate) fn was_posted(&self, id: &str) -> bool {
        self.acknowledged.contains(id) || self.unknown.contains(id)
    }

    fn merge(mut self, mut other: Self) -> Self {
        self.acknowledged.append(&mut other.acknowledged);
        self.unknown.append(&mut other.unknown);
        self.reported.append(&mut other.reported);
        self.refused += other.refused;
        self.unanswered.append(&mut other.unanswered);
        self.unexpected.append(&mut other.unexpected);
        self.slowest = self.slowest.max(other.slowest);
        self
    }
}
