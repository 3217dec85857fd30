//! The queue of single writes. While a statement runs, new writes wait in the queue and share the
//! next statement, so that the database commits once for all of them. If no statement runs, a write
//! never waits. If many wait, a second statement runs beside the first.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, poll};
use tokio::sync::oneshot;

use super::batch::{self, PendingWrite, WrittenBatch, in_lock_order, take_batch};
use super::single_write::SingleWrite;
use crate::database::Connections;
use crate::error::{Error, Result};
use crate::metrics::{Batches, Exposition, Stage, Stages, catalog};
use crate::store::Outcome;

/// The capacity of the queue. A write that finds it full is rejected at once.
const MAX_WAITING: usize = 4096;
/// How many tasks write at once, each one statement at a time. While one statement waits for the disk, or
/// for the counters that another one has locked, the other one uses the processor.
const MAX_WRITERS: usize = 2;
/// So many writes must wait before a second task begins to write. With fewer, its statements would be so
/// small that they cost the database more than they gain.
const WRITES_OF_SECOND_WRITER: usize = 64;
/// The maximum `Retry-After` of a rejected write, in seconds.
const MAX_RETRY_AFTER: u64 = 60;

#[derive(Clone, Debug)]
pub(in crate::store) struct WriteQueue {
    connections: Connections,
    state: Arc<Mutex<QueueState>>,
    /// The writes per second of the last statement.
    rate: Arc<AtomicU64>,
    stages: Stages,
    batches: Batches,
}

#[derive(Debug, Default)]
struct QueueState {
    /// The writes that are in no statement yet.
    waiting: Vec<PendingWrite>,
    /// How many tasks are writing. They will write all waiting writes too.
    writers: usize,
}

impl WriteQueue {
    pub(in crate::store) fn new(connections: Connections, stages: Stages) -> Self {
        let (state, rate, batches) = (Arc::default(), Arc::default(), Batches::default());
        Self { connections, state, rate, stages, batches }
    }

    /// Writes a row, and returns its outcome after the commit.
    pub(in crate::store) async fn write(&self, write: SingleWrite) -> Result<Outcome> {
        let (sender, result) = oneshot::channel();
        let must_write =
            self.enqueue(PendingWrite { write, result: sender, since: Instant::now() })?;
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

    /// Adds a write to the queue. Returns whether the caller must become a writer.
    fn enqueue(&self, new: PendingWrite) -> Result<bool> {
        let mut state = self.state();
        if state.waiting.len() >= MAX_WAITING {
            drop(state);
            return Err(self.full());
        }
        state.waiting.push(new);
        let must_write = state.needs_writer();
        state.writers += usize::from(must_write);
        Ok(must_write)
    }

    /// The error of a write that finds the queue full: it should retry when the queue is written.
    fn full(&self) -> Error {
        let retry_after = seconds_to_write(MAX_WAITING, self.rate.load(Ordering::Relaxed));
        Error::Unavailable { retry_after, cause: "the queue of writes is full".into() }
    }

    /// Writes the waiting rows, one statement after the other, until the queue is empty. The panic hook
    /// logs a panic: the writes of that statement fail, and the next statement begins.
    async fn write_all(self) {
        let (mut goes_on, mut written) = (true, None);
        while goes_on {
            let write = AssertUnwindSafe(self.write_batch(&mut written));
            goes_on = write.catch_unwind().await.unwrap_or(true);
        }
        send_results(written);
    }

    /// Writes some of the waiting rows in one statement. `written` is the batch whose results are not
    /// sent yet: first the last one, then this one. Returns false if no row is waiting: this writer has
    /// ended then.
    async fn write_batch(&self, written: &mut Option<WrittenBatch>) -> bool {
        let Some(batch) = self.next_batch() else { return false };
        let (start, count) = (Instant::now(), batch.len());
        let wait = self.measure_waits(&batch, start);
        let mut write = Box::pin(batch::write(&self.connections, batch));
        let first_poll = poll!(&mut write);
        // While the database runs this statement, we send the results of the last one.
        send_results(written.take());
        *written = Some(match first_poll {
            Poll::Ready(done) => done,
            Poll::Pending => write.await,
        });
        let duration = start.elapsed();
        (0..count).for_each(|_| self.stages.took(Stage::Database, duration));
        self.batches.written(count, wait, duration);
        self.record_rate(count, duration);
        true
    }

    /// The writes of the next statement. If there are none, one writer less is writing.
    fn next_batch(&self) -> Option<Vec<PendingWrite>> {
        let mut state = self.state();
        let batch = take_batch(&mut state.waiting);
        if batch.is_empty() {
            state.writers -= 1;
            return None;
        }
        drop(state);
        Some(in_lock_order(batch))
    }

    /// Measures how long each write of a batch has waited; returns the longest time.
    fn measure_waits(&self, batch: &[PendingWrite], start: Instant) -> Duration {
        let waits = batch.iter().map(|pending| start.saturating_duration_since(pending.since));
        waits.inspect(|wait| self.stages.took(Stage::Wait, *wait)).max().unwrap_or_default()
    }

    /// Adds the metrics to a page.
    pub(in crate::store) fn expose(&self, page: &mut Exposition) {
        self.batches.expose(page);
        page.gauge(&catalog::QUEUE_LENGTH, self.state().waiting.len() as f64);
        page.gauge(&catalog::QUEUE_CAPACITY, MAX_WAITING as f64);
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

impl QueueState {
    /// Whether another task must begin to write.
    fn needs_writer(&self) -> bool {
        match self.writers {
            0 => true,
            MAX_WRITERS.. => false,
            _ => self.waiting.len() >= WRITES_OF_SECOND_WRITER,
        }
    }
}

/// Sends the results of a statement, if it ended without a panic.
fn send_results(written: Option<WrittenBatch>) {
    let send = AssertUnwindSafe(|| written.map(WrittenBatch::send_results));
    // The panic hook logs a panic here too. Writes without a result then fail with 503.
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
    fn a_rejected_write_may_retry_when_the_queue_is_written() {
        for (rate, seconds) in [(0, 60), (1, 60), (69, 60), (100, 41), (4095, 2), (4096, 1)] {
            assert_eq!(seconds_to_write(MAX_WAITING, rate), seconds, "{rate} per second");
        }
        assert_eq!(seconds_to_write(MAX_WAITING, 1_000_000), 1);
    }
}
