//! The queue of single creates. While a statement runs, new creates wait in the queue and share the
//! next statement, so that the database commits once for all of them. If no statement runs, a create
//! never waits.

use std::collections::VecDeque;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, poll};
use tokio::sync::oneshot;

use super::batch::{self, PendingCreate, SingleCreate, WrittenBatch, take_batch};
use crate::database::Connections;
use crate::error::{Error, Result};
use crate::store::Outcome;

/// The capacity of the queue. A create that finds it full is rejected at once.
const MAX_WAITING: usize = 4096;
/// The maximum number of creates in one statement.
const MAX_ROWS: usize = 128;
/// The maximum `Retry-After` of a rejected create, in seconds.
const MAX_RETRY_AFTER: u64 = 60;

#[derive(Clone, Debug)]
pub(in crate::store) struct CreateQueue {
    connections: Connections,
    state: Arc<Mutex<QueueState>>,
    /// The creates per second of the last statement.
    rate: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct QueueState {
    waiting: VecDeque<PendingCreate>,
    /// Whether a task is writing. It will write all waiting creates too.
    has_writer: bool,
}

impl CreateQueue {
    pub(in crate::store) fn new(connections: Connections) -> Self {
        Self { connections, state: Arc::default(), rate: Arc::default() }
    }

    /// Creates an entity, and returns its outcome after the commit.
    pub(in crate::store) async fn create(&self, create: SingleCreate) -> Result<Outcome> {
        let (sender, result) = oneshot::channel();
        let must_write = self.enqueue(PendingCreate { create, result: sender })?;
        if must_write {
            // Poll once on this thread to save a context switch. The rest writes the rows of other
            // requests, so it is spawned: cancelling this request must not cancel it.
            let mut writer = Box::pin(self.clone().write_all());
            if poll!(&mut writer).is_pending() {
                self.connections.spawn(writer);
            }
        }
        result.await.unwrap_or_else(|_| {
            Err(Error::Unavailable {
                retry_after: 1,
                cause: "the writer ended without a result".into(),
            })
        })
    }

    /// Adds a create to the queue. Returns whether the caller must become the writer, because no
    /// task is writing.
    fn enqueue(&self, new: PendingCreate) -> Result<bool> {
        let mut state = self.state();
        if state.waiting.len() >= MAX_WAITING {
            drop(state);
            return Err(self.full());
        }
        state.waiting.push_back(new);
        Ok(!mem::replace(&mut state.has_writer, true))
    }

    /// The error of a create that finds the queue full: it should retry when the queue is written.
    fn full(&self) -> Error {
        let retry_after = seconds_to_write(MAX_WAITING, self.rate.load(Ordering::Relaxed));
        Error::Unavailable { retry_after, cause: "the queue of creates is full".into() }
    }

    /// Writes the waiting creates, one statement after the other, until the queue is empty.
    async fn write_all(self) {
        let (mut waiting, mut written) = (Vec::new(), None);
        while self.refill(&mut waiting) {
            let Some(first) = waiting.first() else { continue };
            let batch = take_batch(&first.create.clone(), &mut waiting);
            let (start, count) = (Instant::now(), batch.len());
            // The panic hook logs a panic. It fails this batch and no other.
            let write = AssertUnwindSafe(batch::write(&self.connections, batch));
            let mut write = Box::pin(write.catch_unwind());
            let first_poll = poll!(&mut write);
            // While the database runs this statement, we send the results of the last one.
            send_results(written.take());
            written = match first_poll {
                Poll::Ready(done) => done.ok(),
                Poll::Pending => write.await.ok(),
            };
            self.record_rate(count, start.elapsed());
        }
        send_results(written);
    }

    /// If `waiting` is empty, moves creates into it from the queue, at most as many as one statement
    /// may have. Returns whether there were any. If not, the next create must become the writer.
    fn refill(&self, waiting: &mut Vec<PendingCreate>) -> bool {
        if waiting.is_empty() {
            let mut state = self.state();
            let count = state.waiting.len().min(MAX_ROWS);
            waiting.extend(state.waiting.drain(..count));
            state.has_writer = !waiting.is_empty();
        }
        let had_any = !waiting.is_empty();
        // The request was cancelled. Nobody was told that the row exists, so we need not write it.
        waiting.retain(|it| !it.result.is_closed());
        had_any
    }

    fn record_rate(&self, count: usize, time: Duration) {
        let per_second = count as f64 / time.as_secs_f64().max(1e-6);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is positive and far below the range of 64 bits"
        )]
        self.rate.store(per_second as u64, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends the results of a statement, if it ended without a panic.
fn send_results(written: Option<WrittenBatch>) {
    let send = AssertUnwindSafe(|| written.map(WrittenBatch::send_results));
    // The panic hook logs a panic here too. Creates without a result then fail with 503.
    panic::catch_unwind(send).ok();
}

/// The seconds that it takes to write so many rows, at a rate of rows per second.
fn seconds_to_write(rows: usize, rate: u64) -> u32 {
    let seconds = (rows as u64).div_ceil(rate.max(1)).clamp(1, MAX_RETRY_AFTER);
    u32::try_from(seconds).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_create_may_retry_when_the_queue_is_written() {
        for (rate, seconds) in [(0, 60), (1, 60), (69, 60), (100, 41), (4095, 2), (4096, 1)] {
            assert_eq!(seconds_to_write(MAX_WAITING, rate), seconds, "{rate} per second");
        }
        assert_eq!(seconds_to_write(MAX_WAITING, 1_000_000), 1);
    }
}
