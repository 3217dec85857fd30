//! What was measured: requests by kind and status, latencies, retries and bytes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::requests::Kind;

/// The longest latency that is told apart, in microseconds: an hour.
const MAX_LATENCY: u64 = 3_600_000_000;
/// The digits of a latency that are told apart.
const DIGITS: u8 = 3;

/// The measurements of a simulation.
pub(super) struct Meter {
    started: Instant,
    /// The number of replies by kind and status.
    replies: BTreeMap<(Kind, u16), u64>,
    latencies: Histogram<u64>,
    pub(super) retries: u64,
    /// Replies that asked to wait: 429 and 503.
    pub(super) waits: u64,
    /// Requests without a reply.
    pub(super) broken: u64,
    /// Requests that were refused, and left out.
    pub(super) refused: u64,
    sent: u64,
    received: u64,
    reporting: Option<(Instant, Duration)>,
}

/// The measurements as they are printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Measured {
    pub(super) seconds: f64,
    pub(super) requests: BTreeMap<String, u64>,
    pub(super) reports: u64,
    /// During the phase that reports.
    pub(super) reports_per_second: f64,
    pub(super) milliseconds: Percentiles,
    pub(super) retries: u64,
    pub(super) asked_to_wait: u64,
    pub(super) without_reply: u64,
    pub(super) refused: u64,
    pub(super) bytes_sent: u64,
    pub(super) bytes_received: u64,
}

/// Latencies of reports, in milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Percentiles {
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    #[serde(rename = "p99.9")]
    pub(super) p999: f64,
    pub(super) max: f64,
}

impl Meter {
    pub(super) fn new() -> Result<Self, hdrhistogram::CreationError> {
        Ok(Self {
            started: Instant::now(),
            replies: BTreeMap::new(),
            latencies: Histogram::new_with_max(MAX_LATENCY, DIGITS)?,
            retries: 0,
            waits: 0,
            broken: 0,
            refused: 0,
            sent: 0,
            received: 0,
            reporting: None,
        })
    }

    /// Counts a reply.
    pub(super) fn reply(&mut self, kind: Kind, status: u16, sent: usize, received: usize) {
        *self.replies.entry((kind, status)).or_default() += 1;
        self.sent += sent as u64;
        self.received += received as u64;
    }

    /// Counts the latency of a report that was accepted.
    pub(super) fn latency(&mut self, latency: Duration) {
        self.latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(MAX_LATENCY));
    }

    pub(super) fn start_reporting(&mut self) {
        self.reporting = Some((Instant::now(), Duration::ZERO));
    }

    pub(super) fn end_reporting(&mut self) {
        if let Some((start, time)) = &mut self.reporting {
            *time = start.elapsed();
        }
    }

    /// The latencies that half and 99 % of the reports do not exceed, in milliseconds.
    pub(super) fn typical(&self) -> (f64, f64) {
        (self.percentile(50.0), self.percentile(99.0))
    }

    fn percentile(&self, percent: f64) -> f64 {
        self.latencies.value_at_percentile(percent) as f64 / 1_000.0
    }

    pub(super) fn measured(&self) -> Measured {
        let of_report = |((kind, status), _): &(&(Kind, u16), &u64)| {
            *kind == Kind::Report && (200..300).contains(status)
        };
        let reports = self.replies.iter().filter(of_report).map(|(_, number)| number).sum();
        let seconds = self.reporting.map_or(0.0, |(_, time)| time.as_secs_f64());
        let name = |kind: &Kind| {
            let name = serde_json::to_value(kind).unwrap_or_default();
            name.as_str().unwrap_or_default().to_owned()
        };
        let requests = self.replies.iter();
        let requests =
            requests.map(|((kind, status), number)| (format!("{} {status}", name(kind)), *number));
        Measured {
            seconds: self.started.elapsed().as_secs_f64(),
            requests: requests.collect(),
            reports,
            reports_per_second: if seconds > 0.0 { reports as f64 / seconds } else { 0.0 },
            milliseconds: Percentiles {
                p50: self.percentile(50.0),
                p90: self.percentile(90.0),
                p99: self.percentile(99.0),
                p999: self.percentile(99.9),
                max: self.latencies.max() as f64 / 1_000.0,
            },
            retries: self.retries,
            asked_to_wait: self.waits,
            without_reply: self.broken,
            refused: self.refused,
            bytes_sent: self.sent,
            bytes_received: self.received,
        }
    }
}
