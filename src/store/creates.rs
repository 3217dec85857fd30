//! The door through which every create of one entity goes. Those that wait together become one
//! statement: while one is under way the next ones gather, so that the database commits once for
//! all of them, and nobody waits when it is idle. No other room notices.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{iter, mem, ptr};

use futures_util::{FutureExt, poll};
use sqlx::postgres::PgRow;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::connections::Connections;
use super::{Outcome, column};
use crate::auth::Permitted;
use crate::error::{Error, Result};
use crate::plan::{Act, NewEntity, Plan, Value};
use crate::sql;

/// How many creates may wait; more are refused at once.
const MAX_WAITING: usize = 4096;
/// How many creates become one statement, at most.
const MAX_ROWS: usize = 128;
/// How long a statement and its connection may take: longer than the database lets it run, shorter
/// than the requests that wait for it may take.
const LIMIT: Duration = Duration::from_millis(13_500);
/// The longest time that a refused client is told to wait, in seconds.
const MAX_RETRY_AFTER: u64 = 60;

/// The door, and what is behind it.
#[derive(Clone, Debug)]
pub(super) struct Creates {
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

/// A create that has not been answered.
#[derive(Debug)]
struct Waiting {
    plan: Arc<Permitted<Plan>>,
    answer: oneshot::Sender<Result<Outcome>>,
}

impl Creates {
    /// The door to a database.
    pub(super) fn new(connections: Connections) -> Self {
        Self { connections, queue: Arc::default(), rate: Arc::default() }
    }

    /// Creates the entity of a plan and answers with its JSON as stored, once that is committed.
    pub(super) async fn create(&self, plan: &Arc<Permitted<Plan>>) -> Result<Outcome> {
        let (answer, answered) = oneshot::channel();
        let is_first = self.enqueue(Waiting { plan: Arc::clone(plan), answer })?;
        if is_first {
            // The statement leaves from here, without a change of threads before it. What comes
            // then is not this request's own, and goes on where this request cannot end it.
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
        while let Some(mut gathered) = self.gather() {
            // Nobody waits for the answer any more, and nobody was told that the row is there.
            gathered.retain(|waiting| !waiting.answer.is_closed());
            if gathered.is_empty() {
                continue; // which says nothing of the rate
            }
            let (start, count) = (Instant::now(), gathered.len());
            while let Some(first) = gathered.first() {
                let alike = alike(Arc::clone(&first.plan).what(), &mut gathered);
                // A panic, which is in the log by then, fails these and no others.
                let answered = AssertUnwindSafe(answer_all(&self.connections, alike));
                answered.catch_unwind().await.ok();
            }
            let per_second = count as f64 / start.elapsed().as_secs_f64().max(1e-6);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate is positive and far below the range of 64 bits"
            )]
            self.rate.store(per_second as u64, Ordering::Relaxed);
        }
    }

    /// Takes what waits, as much as one statement may have; where nothing does, whoever comes next
    /// writes.
    fn gather(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.queue();
        let count = queue.waiting.len().min(MAX_ROWS);
        queue.is_taken = count > 0;
        queue.is_taken.then(|| queue.waiting.drain(..count).collect())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the writing of so many rows takes at a rate of rows a second, as a client is told.
fn seconds_to_write(rows: usize, rate: u64) -> u32 {
    let seconds = (rows as u64).div_ceil(rate.max(1)).clamp(1, MAX_RETRY_AFTER);
    u32::try_from(seconds).unwrap_or(1)
}

/// What the row of a create says.
pub(super) fn outcome(row: Option<&PgRow>, new: &NewEntity) -> Result<Outcome> {
    let row = row.ok_or(Error::NotFound)?;
    if !column::<bool>(row, 1)? {
        return Err(Error::BadRequest(
            "An entity that the body names with '@odata.bind' does not exist.".into(),
        ));
    }
    match (column(row, 2)?, column(row, 3)?) {
        (Some(entity), Some(tag)) => Ok(Outcome::Entity(entity, tag)),
        _ => Err(conflict(new)),
    }
}

/// Whether two creates differ in nothing but keys and values.
fn are_of_one_form(one: &Plan, other: &Plan) -> bool {
    let is_key_new = |plan| new_entity(plan).map(|new| new.is_key_new);
    let mut steps = one.address.steps.iter().zip(&other.address.steps);
    is_key_new(one) == is_key_new(other)
        && (one.shape.level, &one.root) == (other.shape.level, &other.root)
        && one.address.steps.len() == other.address.steps.len()
        && steps.all(|(one, other)| ptr::eq(one.navigation, other.navigation))
}

/// Takes those of the form of one, of which no two have the same key: the second finds the first one
/// there. They come in the order of their keys, so that servers which write the same ones at the same
/// time do not wait for each other.
fn alike(form: &Plan, gathered: &mut Vec<Waiting>) -> Vec<Waiting> {
    let is_alike = |waiting: &mut Waiting| are_of_one_form(form, waiting.plan.what());
    let mut alike: Vec<Waiting> = gathered.extract_if(.., is_alike).collect();
    alike.sort_by(|one, other| place(one).cmp(place(other)));
    let mut distinct: Vec<Waiting> = Vec::with_capacity(alike.len());
    for waiting in alike {
        match distinct.last() {
            Some(last) if place(last).eq(place(&waiting)) => gathered.push(waiting),
            _ => distinct.push(waiting),
        }
    }
    distinct
}

/// The keys on the way to a new entity, and its own, behind its tenant.
fn place(waiting: &Waiting) -> impl Iterator<Item = (Option<Uuid>, Option<&str>)> {
    let new = new_entity(waiting.plan.what());
    let steps = new.into_iter().flat_map(|new| &new.address.steps);
    let keys = steps.filter_map(|step| step.key.as_ref()).chain(new.map(NewEntity::key));
    let keys = keys.map(|key| match key {
        Value::Guid(guid) => (Some(*guid), None),
        Value::Text(text) => (None, Some(&**text)),
        _ => (None, None),
    });
    iter::once((Some(waiting.plan.tenant()), None)).chain(keys)
}

/// Writes creates of one form and gives each its own answer; if the statement fails, it fails for
/// all of them and for nobody else.
async fn answer_all(connections: &Connections, waiting: Vec<Waiting>) {
    let new: Vec<_> = waiting.iter().filter_map(|it| entity(&it.plan)).collect();
    let plan = waiting.first().map(|it| it.plan.what());
    let statement = plan.and_then(|plan| sql::create(&new, &plan.shape, &plan.root));
    let Some(statement) = statement else { return };
    let tenants = new.iter().map(|(tenant, _)| *tenant);
    let written = Box::pin(async { connections.session(tenants).await?.rows(statement).await });
    let answers: Vec<Result<Outcome>> = match &connections.limited(LIMIT, written).await {
        Err(error) => {
            if let Error::Unavailable { cause, .. } | Error::Internal(cause) = error {
                tracing::warn!(requests = new.len(), cause, "creates failed together");
            }
            new.iter().map(|_| Err(error.shared())).collect()
        }
        Ok(rows) => {
            let by_place = by_place(rows);
            let places = (1..).map(|place| by_place.get(&place).copied());
            new.iter().zip(places).map(|((_, new), row)| outcome(row, new)).collect()
        }
    };
    for (waiting, answer) in waiting.into_iter().zip(answers) {
        // A client that has gone does not matter to the others.
        waiting.answer.send(answer).ok();
    }
}

fn entity(plan: &Permitted<Plan>) -> Option<(Uuid, &NewEntity)> {
    new_entity(plan.what()).map(|new| (plan.tenant(), new))
}

fn new_entity(plan: &Plan) -> Option<&NewEntity> {
    match &plan.act {
        Act::Create(entities) => entities.first(),
        _ => None,
    }
}

/// The rows by the place of their create, from 1; some may be absent.
fn by_place(rows: &[PgRow]) -> HashMap<i64, &PgRow> {
    rows.iter().filter_map(|row| Some((column(row, 0).ok()?, row))).collect()
}

fn conflict(new: &NewEntity) -> Error {
    let id = new.key().key_text().unwrap_or_default();
    let name = new.address.target().name;
    Error::Conflict(format!("A {name} with the id '{id}' exists already; nothing was changed."))
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
