//! Load: so many connections that each send one request after the other for a while, and what came
//! of it. One thread does all of it.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use crate::Result;
use crate::connection::Connection;
use crate::report::Value;
use crate::request::{Kind, Request};

/// What is sent where, for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    /// For how long requests are sent that do not count.
    pub(crate) warm_up: Duration,
    /// For how long those are sent that do.
    pub(crate) time: Duration,
}

/// What came of it; samples of several rounds add up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// How many entities were created, those of the warm-up too.
    pub(crate) created: u64,
    /// The requests that count, and within what time.
    counted: u64,
    elapsed: Duration,
    latencies: Vec<(Kind, Duration)>,
}

impl Load {
    /// Sends what `next` gives, until the time is over or there is nothing more.
    pub(crate) async fn run(&self, next: impl FnMut() -> Option<Request>) -> Result<Sample> {
        let connections = (0..self.connections).map(|_| Connection::open(self.address));
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
        // Where one request takes longer than all the time, it is the figure.
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
    /// What another program has counted.
    pub(crate) fn without_latencies(counted: u64, elapsed: Duration) -> Self {
        Self { created: counted, counted, elapsed, latencies: Vec::new() }
    }

    /// Requests a second.
    pub(crate) fn rate(&self) -> Value {
        Value::PerSecond(self.counted as f64 / self.elapsed.as_secs_f64())
    }

    /// The latency that so many of 100 requests of a kind did not exceed.
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
