//! Is there an input with a wrong reply? Several tenants send valid requests, generated from the model.
//! Most are mutated in a few places. A second test sends malformed HTTP.
//!
//! `RUNSTATE_FUZZ_SEED` is the seed of the random numbers, `RUNSTATE_FUZZ_SECONDS` the duration. A run
//! without them is short and always the same, except for the ids that the server generates.

mod broken;
mod call;
mod connection;
mod dice;
mod document;
mod generate;
mod memory;
mod mutate;
mod options;
mod oracle;
mod policies;
mod spelling;
mod values;

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use uuid::Uuid;

use self::broken::broken;
use self::connection::{Connection, exchange};
use self::document::Document;
use self::generate::Generator;
use self::oracle::Oracle;
use crate::harness::{Server, WRITE_SCOPE, user};

/// The number of tenants.
const TENANTS: u64 = 4;
/// The number of requests of each tenant if no duration is set.
const REQUESTS: usize = 600;
/// The number of connections with malformed HTTP if no duration is set.
const CONNECTIONS: usize = 300;
/// Only so many findings of one kind are printed.
const MAX_PRINTED: usize = 3;

/// When a run ends.
#[derive(Clone, Copy)]
enum End {
    After(usize),
    At(Instant),
}

impl End {
    fn new(short: usize) -> Self {
        let seconds = std::env::var("RUNSTATE_FUZZ_SECONDS").ok();
        let seconds = seconds.map(|it| it.parse().expect("RUNSTATE_FUZZ_SECONDS is a number"));
        seconds.map_or(Self::After(short), |it| Self::At(Instant::now() + Duration::from_secs(it)))
    }

    fn is_reached(self, done: usize) -> bool {
        match self {
            Self::After(count) => done >= count,
            Self::At(time) => Instant::now() >= time,
        }
    }
}

/// The results of all requests.
#[derive(Default)]
struct Report {
    findings: BTreeMap<String, usize>,
    statuses: BTreeMap<u16, usize>,
    /// The operations that succeeded.
    operations: HashSet<String>,
}

impl Report {
    fn finding(&mut self, why: &str, reproduce: &str) {
        let kind: String = why.chars().filter(|it| !it.is_ascii_digit()).take(60).collect();
        let count = self.findings.entry(kind).or_default();
        *count += 1;
        if *count <= MAX_PRINTED {
            say(&format!("finding: {why}\n{reproduce}\n"));
        }
    }
}

/// Prints to stderr directly. The test runner captures `eprintln!`, but not this.
fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").ok();
}

fn seed() -> u64 {
    let given = std::env::var("RUNSTATE_FUZZ_SEED").ok();
    let seed = given.map_or(1, |it| it.parse().expect("RUNSTATE_FUZZ_SEED is a number"));
    say(&format!("Fuzzing with RUNSTATE_FUZZ_SEED={seed}."));
    seed
}

fn token(server: &Server, tenant: Uuid) -> String {
    let request = user(tenant, &[WRITE_SCOPE]);
    server
        .token(&runstate::auth::TokenRequest { expires_in: Duration::from_secs(86_400), ..request })
}

/// Every text of a tenant starts with its marker. No other text contains it.
fn marker(tenant: Uuid) -> String {
    format!("of-{}-", tenant.simple())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reply_to_a_mutated_request_is_a_graph_error_or_a_documented_success() {
    let server = Server::start().await;
    let seed = seed();
    let document = server.client_with_token(None).get("/openapi.json").await.ok();
    let tenants: Vec<Uuid> = (0..TENANTS).map(|_| Uuid::new_v4()).collect();
    let markers = tenants.iter().map(|tenant| marker(*tenant)).collect();
    let oracle = Arc::new(Oracle::new(Document::new(document), server.base().to_owned(), markers));
    let report = Arc::new(Mutex::new(Report::default()));
    let of_all_tenants = Arc::default();
    let end = End::new(REQUESTS);
    let tenants = (0..).zip(tenants).map(|(number, tenant)| {
        let generator =
            Generator::new(seed ^ (number << 32), marker(tenant), Arc::clone(&of_all_tenants));
        let token = token(&server, tenant);
        let host = server.base()["http://".len()..].to_owned();
        tokio::spawn(fuzz(generator, host, token, Arc::clone(&oracle), Arc::clone(&report), end))
    });
    for tenant in tenants.collect::<Vec<_>>() {
        tenant.await.unwrap();
    }
    let report = report.lock().unwrap();
    say(&format!("{:?}; {} operations", report.statuses, report.operations.len()));
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let succeeded: usize = report.statuses.range(..400).map(|(_, count)| count).sum();
    let all: usize = report.statuses.values().sum();
    assert!(all > 1000 && succeeded * 8 > all, "only {succeeded} of {all} requests succeeded");
}

/// Sends the requests of one tenant.
async fn fuzz(
    mut generator: Generator,
    host: String,
    token: String,
    oracle: Arc<Oracle>,
    report: Arc<Mutex<Report>>,
    end: End,
) {
    let mut connection = Connection::new(&host);
    let mut done = 0;
    while !end.is_reached(done) {
        done += 1;
        let mut call = generator.call();
        if !generator.dice.one_in(3) {
            mutate::mutate(&mut generator.dice, &mut call);
        }
        spelling::respell(&mut generator.dice, &mut call);
        let sent = call.bytes(&host, &token);
        let answer = connection.send(&sent, call.method == "HEAD").await;
        let Some(answer) = answer else {
            report.lock().unwrap().finding("there is no reply", &call.to_string());
            continue;
        };
        generator.memory.learn(&call, &answer);
        let verdict = oracle.check(&call, &answer, &generator.marker);
        let mut report = report.lock().unwrap();
        *report.statuses.entry(answer.status).or_default() += 1;
        if let Err(why) = verdict {
            let reply = String::from_utf8_lossy(&answer.body);
            let reply = reply.chars().take(500).collect::<String>();
            report.finding(&why, &format!("{call}\n{} {reply}", answer.status));
        } else if answer.status < 400
            && let Some(operation) = oracle.operation(&call)
        {
            report.operations.insert(operation);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_http_never_causes_a_5xx_or_stops_the_server() {
    let server = Server::start().await;
    let mut generator = Generator::new(seed(), marker(server.tenant()), Arc::default());
    let token = token(&server, server.tenant());
    let host = &server.base()["http://".len()..];
    let mut report = Report::default();
    let (mut done, end) = (0, End::new(CONNECTIONS));
    while !end.is_reached(done) {
        done += 1;
        let call = generator.call();
        let sent = broken(&mut generator.dice, &call, host, &token);
        let pieces: Vec<&[u8]> = match generator.dice.below(3) {
            0 => sent.chunks(1 + sent.len() / 5).collect(),
            _ => vec![&sent],
        };
        let reproduce = || format!("printf %b '{}' | nc {host}", sent.escape_ascii());
        let Some(received) = exchange(host, &pieces).await else {
            report.finding("the connection does not end", &reproduce());
            continue;
        };
        if received.windows(10).any(|bytes| bytes == b"HTTP/1.1 5") {
            report.finding("status 5xx", &reproduce());
        }
        if done % 50 == 0 {
            assert_eq!(server.client_with_token(None).get("/health").await.status, 200);
        }
    }
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert_eq!(server.client().get("/beta/deviceManagement/managedDevices").await.status, 200);
}
