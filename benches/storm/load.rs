//! Load: a number of connections, each sending one request after the other for some time. Everything
//! runs on one thread.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio_rustls::TlsConnector;

use crate::Result;
use crate::connection::Connection;
use crate::report::Value;
use crate::request::{Kind, Request};

/// The settings of a load.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    /// How TLS connects, if it is used.
    pub(crate) tls: Option<TlsConnector>,
    pub(crate) connections: usize,
    /// Requests of this first period are not measured.
    pub(crate) warm_up: Duration,
    /// Requests of this period, after the warm-up, are measured.
    pub(crate) time: Duration,
}

/// The result of a load. Samples of several rounds can be added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// The number of created entities, including the warm-up.
    pub(crate) created: u64,
    /// The number of measured requests.
    counted: u64,
    elapsed: Duration,
    latencies: Vec<(Kind, Duration)>,
}

impl Load {
    /// Sends the requests that `next` returns, until the time is over or `next` returns `None`.
    pub(crate) async fn run(&self, next: impl FnMut() -> Option<Request>) -> Result<Sample> {
        let connections =
            (0..self.connections).map(|_| Connection::open(self.address, self.tls.as_ref()));
        let connections = try_join_all(connections).await?;
        let (next, sample) = (RefCell::new(next), RefCell::default());
        let start = Instant::now() + self.warm_up;
        let clients = connections.into_iter().map(|it| self.client(it, start, &next, &sample));
        try_join_all(clients).await?;
        Ok(sample.into_inner())
    }

    async fn client(
        &self,
        mut connection: Connection,
        start: Instant,
        next: &RefCell<impl FnMut() -> Option<Request>>,
        sample: &RefCell<Sample>,
    ) -> Result<()> {
        // Each connection measures at least one request, even if that takes longer than `time`.
        let mut counted = false;
        while !counted || start.elapsed() < self.time {
            let Some(request) = next.borrow_mut()() else { break };
            let sent = Instant::now();
            connection.exchange(&request.text).await?.success()?;
            let mut sample = sample.borrow_mut();
            sample.created += u64::from(request.kind == Kind::Create);
            counted = sent >= start;
            if counted {
                sample.counted += 1;
                sample.latencies.push((request.kind, sent.elapsed()));
                sample.elapsed = start.elapsed();
            }
        }
        Ok(())
    }
}

impl Sample {
    /// The result of another program, which gave no latencies.
    pub(crate) fn without_latencies(counted: u64, elapsed: Duration) -> Self {
        Self { created: counted, counted, elapsed, latencies: Vec::new() }
    }

    /// Requests per second.
    pub(crate) fn rate(&self) -> Value {
        Value::PerSecond(self.counted as f64 / self.elapsed.as_secs_f64())
    }

    /// A percentile of the latencies of one kind of request.
    pub(crate) fn percentile(&self, kind: Kind, percent: usize) -> Value {
        let of_kind = self.latencies.iter().filter(|(its, _)| *its == kind);
        let mut latencies: Vec<Duration> = of_kind.map(|(_, latency)| *latency).collect();
        latencies.sort_unstable();
        let last = latencies.len().saturating_sub(1);
        let latency = latencies.get(last * percent / 100).copied().unwrap_or_default();
        Value::Milliseconds(latency.as_secs_f64() * 1000.0)
    }
}

impl AddAssign for Sample {
    fn add_assign(&mut self, mut other: Self) {
        self.created += other.created;
        self.counted += other.counted;
        self.elapsed += other.elapsed;
        self.latencies.append(&mut other.latencies);
    }
}
