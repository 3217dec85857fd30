//! Clients that post run states without end, and keep the ids of those that were acknowledged.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::json;
use tokio::task::JoinSet;

/// How many clients there are.
const CLIENTS: usize = 12;
/// Longer than a request may take, by what a busy machine may add.
const DEADLINE: Duration = Duration::from_secs(18);
/// How long a client waits once it was refused.
const PAUSE: Duration = Duration::from_millis(50);

/// Clients at work.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    clients: JoinSet<Record>,
}

/// What became of the requests.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The ids of the rows that are there, as a 201 said, or a 409 to a second attempt.
    pub(crate) acknowledged: BTreeSet<String>,
    /// The ids of which no reply said whether they are there.
    pub(crate) unknown: BTreeSet<String>,
    /// How many requests were answered 503.
    refused: usize,
    /// Requests that were not answered, and why.
    broken: Vec<String>,
    /// Answers that should not be.
    odd: Vec<String>,
    slowest: Duration,
}

impl Load {
    /// Starts posting to a collection, given as a URL.
    pub(crate) fn start(collection: &str, token: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let (collection, token) = (collection.to_owned(), token.to_owned());
            clients.spawn(client(number, collection, token, Arc::clone(&stop)));
        }
        Self { stop, clients }
    }

    /// Lets the clients finish what they are at, and adds up what they saw.
    pub(crate) async fn stop(self) -> Record {
        self.stop.store(true, Ordering::Relaxed);
        let records = self.clients.join_all().await.into_iter();
        let record = records.reduce(Record::and).unwrap();
        assert!(record.odd.is_empty(), "{:?}", record.odd);
        assert!(record.slowest < DEADLINE, "{:?}", record.slowest);
        assert!(!record.acknowledged.is_empty(), "nothing was acknowledged");
        record
    }
}

/// Posts one row after the other, each again and again until it is known to be there.
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
                    status => record.odd.push(format!("{status} to {id}")),
                },
                Err(error) => record.broken.push(format!("{error:?}")),
            }
            tokio::time::sleep(PAUSE).await;
        }
        record.unknown.remove(&id);
        record.acknowledged.insert(id);
    }
    record
}

impl Record {
    /// Holds where every request was answered.
    #[track_caller]
    pub(crate) fn all_answered(&self) {
        assert!(self.broken.is_empty(), "{:?}", self.broken);
    }

    /// Holds where every request was answered, and some were refused.
    #[track_caller]
    pub(crate) fn some_refused(&self) {
        self.all_answered();
        assert!(self.refused > 0, "no client noticed");
    }

    /// Holds where every request was answered, and none was refused.
    #[track_caller]
    pub(crate) fn none_refused(&self) {
        self.all_answered();
        assert_eq!(self.refused, 0);
    }

    /// Whether a client posted a row with this id.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.acknowledged.contains(id) || self.unknown.contains(id)
    }

    fn and(mut self, mut other: Self) -> Self {
        self.acknowledged.append(&mut other.acknowledged);
        self.unknown.append(&mut other.unknown);
        self.refused += other.refused;
        self.broken.append(&mut other.broken);
        self.odd.append(&mut other.odd);
        self.slowest = self.slowest.max(other.slowest);
        self
    }
}
