//! The queue of single creates. While a statement runs, the creates that arrive wait, and share the
//! next statement: the database commits once for all of them, and an idle database lets nobody wait.

use std::collections::VecDeque;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, poll};
use tokio::sync::oneshot;

use super::batch::{self, SingleCreate, Waiting, Written, take_alike};
use crate::database::Connections;
use crate::error::{Error, Result};
use crate::store::Outcome;

/// How many creates may wait; more are refused at once.
const MAX_WAITING: usize = 4096;
/// How many creates become one statement, at most.
const MAX_ROWS: usize = 128;
/// The longest time that a refused client is told to wait, in seconds.
const MAX_RETRY_AFTER: u64 = 60;

/// The door, and what is behind it.
#[derive(Clone, Debug)]
pub(in crate::store) struct Creates {
    connections: Connections,
    queue: Arc<Mutex<Queue>>,
    /// Creates a second, of late.
    rate: Arc<AtomicU64>,
}

/// The creates that wait for a statement.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Whether someone writes, who will take what waits.
    is_taken: bool,
}

impl Creates {
    /// The door to a database.
    pub(in crate::store) fn new(connections: Connections) -> Self {
        Self { connections, queue: Arc::default(), rate: Arc::default() }
    }

    /// Creates an entity and answers with its JSON as stored, once that is committed.
    pub(in crate::store) async fn create(&self, create: SingleCreate) -> Result<Outcome> {
        let (answer, answered) = oneshot::channel();
        let is_first = self.enqueue(Waiting { create, answer })?;
        if is_first {
            // Poll once on this thread to save a context switch. The rest writes the rows of other
            // requests, so it is spawned: cancelling this request must not cancel it.
            let mut writing = Box::pin(self.clone().write());
            if poll!(&mut writing).is_pending() {
                self.connections.spawn(writing);
            }
        }
        answered.await.unwrap_or_else(|_| {
            Err(Error::Unavailable {
                retry_after: 1,
                cause: "the writer ended before it could answer".into(),
            })
        })
    }

    /// Lets a create wait, unless too many do; whether nobody writes yet, so that who brought it has
    /// to.
    fn enqueue(&self, new: Waiting) -> Result<bool> {
        let mut queue = self.queue();
        if queue.waiting.len() >= MAX_WAITING {
            drop(queue);
            return Err(self.full());
        }
        queue.waiting.push_back(new);
        Ok(!mem::replace(&mut queue.is_taken, true))
    }

    /// Refuses a create, to come back when what waits now will have been written.
    fn full(&self) -> Error {
        let retry_after = seconds_to_write(MAX_WAITING, self.rate.load(Ordering::Relaxed));
        Error::Unavailable { retry_after, cause: "too many creates wait already".into() }
    }

    /// Writes what waits, statement by statement, until nothing does.
    async fn write(self) {
        let (mut waiting, mut written) = (Vec::new(), None);
        while self.refill(&mut waiting) {
            let Some(first) = waiting.first() else { continue };
            let alike = take_alike(&first.create.clone(), &mut waiting);
            let (start, count) = (Instant::now(), alike.len());
            // A panic, which is in the log by then, fails these and no others.
            let writing = AssertUnwindSafe(batch::write(&self.connections, alike));
            let mut writing = Box::pin(writing.catch_unwind());
            let begun = poll!(&mut writing);
            // The database is at work, and there is time to answer those whom it has just written.
            answer(written.take());
            written = match begun {
                Poll::Ready(done) => done.ok(),
                Poll::Pending => writing.await.ok(),
            };
            self.note_rate(count, start.elapsed());
        }
        answer(written);
    }

    /// Takes what waits, as much as one statement may have, unless some is left; whether there is any.
    /// Where nothing waits, whoever comes next writes.
    fn refill(&self, waiting: &mut Vec<Waiting>) -> bool {
        if waiting.is_empty() {
            let mut queue = self.queue();
            let count = queue.waiting.len().min(MAX_ROWS);
            waiting.extend(queue.waiting.drain(..count));
            queue.is_taken = !waiting.is_empty();
        }
        let is_any = !waiting.is_empty();
        // Nobody waits for the answer any more, and nobody was told that the row is there.
        waiting.retain(|it| !it.answer.is_closed());
        is_any
    }

    fn note_rate(&self, count: usize, time: Duration) {
        let per_second = count as f64 / time.as_secs_f64().max(1e-6);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is positive and far below the range of 64 bits"
        )]
        self.rate.store(per_second as u64, Ordering::Relaxed);
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the answers of a statement, if there was one that came to an end.
fn answer(written: Option<Written>) {
    let answer = AssertUnwindSafe(|| written.map(Written::answer));
    // As with a statement: it is in the log, and who is not answered learns that.
    panic::catch_unwind(answer).ok();
}

/// How long the writing of so many rows takes at a rate of rows a second, as a client is told.
fn seconds_to_write(rows: usize, rate: u64) -> u32 {
    let seconds = (rows as u64).div_ceil(rate.max(1)).clamp(1, MAX_RETRY_AFTER);
    u32::try_from(seconds).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_comes_back_when_those_that_wait_are_written() {
        for (rate, seconds) in [(0, 60), (1, 60), (69, 60), (100, 41), (4095, 2), (4096, 1)] {
            assert_eq!(seconds_to_write(MAX_WAITING, rate), seconds, "{rate} a second");
        }
        assert_eq!(seconds_to_write(MAX_WAITING, 1_000_000), 1);
    }
}
