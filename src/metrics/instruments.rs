//! The instruments that other rooms count with. A room holds its own; counting takes some ten
//! nanoseconds, and never waits for a scrape.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

use super::catalog;
use super::exposition::Exposition;

/// The bounds of a request's time and of a batch's, in seconds.
const DURATIONS: [f64; 15] =
    [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The bounds of a stage's time, in seconds: some take a few microseconds.
const STAGE_DURATIONS: [f64; 15] = [
    0.000_01, 0.000_025, 0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.1, 0.5, 2.5, 10.0,
];
/// The bounds of the rows of a batch.
const ROWS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

type LabelledHistogram = Family<[(&'static str, &'static str); 1], Histogram, fn() -> Histogram>;
type LabelledCounter = Family<[(&'static str, &'static str); 1], Counter>;

/// Counts answered requests.
#[derive(Debug)]
pub struct Requests {
    answered: Family<RequestLabels, Counter>,
    durations: LabelledHistogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    target: &'static str,
    method: &'static str,
    status: u32,
}

impl Default for Requests {
    fn default() -> Self {
        let durations = Family::new_with_constructor((|| Histogram::new(DURATIONS)) as fn() -> _);
        Self { answered: Family::default(), durations }
    }
}

impl Requests {
    /// Counts a request that took so long to answer.
    pub fn answered(
        &self,
        target: &'static str,
        method: &'static str,
        status: u16,
        elapsed: Duration,
    ) {
        self.refused(target, method, status);
        self.durations.get_or_create(&[("target", target)]).observe(elapsed.as_secs_f64());
    }

    /// Counts a request that was not received, so that its time says nothing.
    pub fn refused(&self, target: &'static str, method: &'static str, status: u16) {
        let labels = RequestLabels { target, method, status: status.into() };
        self.answered.get_or_create(&labels).inc();
    }

    /// Adds the metrics to a page.
    pub fn expose(&self, page: &mut Exposition) {
        page.add(&catalog::REQUESTS, self.answered.clone());
        page.add(&catalog::REQUEST_DURATION, self.durations.clone());
    }
}

/// A stage of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The token is checked.
    Token,
    /// Options, headers and body become a plan.
    Plan,
    /// The plan waits for a connection, or for the batch of writes before its own.
    Wait,
    /// The database runs the statements.
    Database,
    /// The outcome becomes a reply.
    Reply,
}

/// Measures the stages of requests. Clones share what they have measured.
#[derive(Clone, Debug)]
pub struct Stages {
    family: LabelledHistogram,
    /// Those of the family, in the order of [`Stages::NAMES`].
    histograms: [Histogram; 5],
}

impl Default for Stages {
    fn default() -> Self {
        let family: LabelledHistogram =
            Family::new_with_constructor((|| Histogram::new(STAGE_DURATIONS)) as fn() -> _);
        let histograms = Self::NAMES.map(|name| family.get_or_create_owned(&[("stage", name)]));
        Self { family, histograms }
    }
}

impl Stages {
    const NAMES: [&str; 5] = ["token", "plan", "wait", "database", "reply"];

    /// Notes that a stage took so long.
    pub fn took(&self, stage: Stage, time: Duration) {
        self.histograms[stage as usize].observe(time.as_secs_f64());
    }

    /// Adds the metric to a page.
    pub fn expose(&self, page: &mut Exposition) {
        page.add(&catalog::STAGE_DURATION, self.family.clone());
    }
}

/// Measures batches of writes.
#[derive(Clone, Debug)]
pub struct Batches {
    rows: Histogram,
    wait: Histogram,
    duration: Histogram,
}

impl Default for Batches {
    fn default() -> Self {
        Self {
            rows: Histogram::new(ROWS),
            wait: Histogram::new(DURATIONS),
            duration: Histogram::new(DURATIONS),
        }
    }
}

impl Batches {
    /// Notes a batch of so many rows, whose first write had waited for `wait`.
    pub fn written(&self, rows: usize, wait: Duration, duration: Duration) {
        self.rows.observe(rows as f64);
        self.wait.observe(wait.as_secs_f64());
        self.duration.observe(duration.as_secs_f64());
    }

    /// Adds the metrics to a page.
    pub fn expose(&self, page: &mut Exposition) {
        page.add(&catalog::BATCH_ROWS, self.rows.clone());
        page.add(&catalog::BATCH_WAIT, self.wait.clone());
        page.add(&catalog::BATCH_DURATION, self.duration.clone());
    }
}

/// Counts tokens.
#[derive(Debug)]
pub struct Tokens {
    accepted: LabelledCounter,
    verified: Counter,
    remembered: Counter,
    refused: LabelledCounter,
}

impl Default for Tokens {
    fn default() -> Self {
        let accepted = LabelledCounter::default();
        let of = |value| accepted.get_or_create_owned(&[("signature", value)]);
        let (verified, remembered) = (of("verified"), of("remembered"));
        Self { accepted, verified, remembered, refused: Family::default() }
    }
}

impl Tokens {
    /// Counts an accepted token, whose signature was remembered or verified now.
    pub fn accepted(&self, is_remembered: bool) {
        match is_remembered {
            true => self.remembered.inc(),
            false => self.verified.inc(),
        };
    }

    /// Counts a refused token.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&[("reason", reason)]).inc();
    }

    /// Adds the metrics to a page.
    pub fn expose(&self, page: &mut Exposition) {
        page.add(&catalog::TOKENS, self.accepted.clone());
        page.add(&catalog::TOKENS_REFUSED, self.refused.clone());
    }
}

/// Counts sign-ins at the local issuer.
#[derive(Debug, Default)]
pub struct SignIns(Family<SignInLabels, Counter>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignInLabels {
    grant: &'static str,
    outcome: &'static str,
}

impl SignIns {
    /// Counts a request for a token.
    pub fn answered(&self, grant: &'static str, outcome: &'static str) {
        self.0.get_or_create(&SignInLabels { grant, outcome }).inc();
    }

    /// Adds the metric to a page.
    pub fn expose(&self, page: &mut Exposition) {
        page.add(&catalog::SIGN_INS, self.0.clone());
    }
}

/// Shows when a certificate ends. Clones show the same.
#[derive(Clone, Debug, Default)]
pub struct CertificateEnd(Gauge<f64, AtomicU64>);

impl CertificateEnd {
    /// Notes the end of the certificate that is in use from now on.
    pub fn set(&self, end: SystemTime) {
        self.0.set(end.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64());
    }

    /// The end, in seconds since 1970.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.0.get()
    }

    /// Adds the metric to a page.
    pub fn expose(&self, page: &mut Exposition) {
        page.add(&catalog::CERTIFICATE_END, self.0.clone());
    }
}
