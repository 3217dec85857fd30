//! The door through which every create of one entity goes. Those that wait together become one
//! statement: while one is under way the next ones gather, so that the database commits once for
//! all of them, and nobody waits when it is idle. No other room notices.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{mem, ptr};

use futures_util::FutureExt;
use sqlx::postgres::PgRow;
use tokio::sync::{mpsc, oneshot};

use super::connections::Connections;
use super::{Outcome, column};
use crate::auth::Permitted;
use crate::error::{Error, Result};
use crate::plan::{Act, NewEntity, Plan};
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

/// The door, and the task behind it.
#[derive(Debug)]
pub(super) struct Creates {
    waiting: mpsc::Sender<Waiting>,
    /// Creates a second, of late.
    rate: Arc<AtomicU64>,
}

/// A create that has not been answered.
#[derive(Debug)]
struct Waiting {
    plan: Arc<Permitted<Plan>>,
    answer: oneshot::Sender<Result<Outcome>>,
}

impl Creates {
    /// Starts the task that writes; it ends with the door.
    pub(super) fn new(connections: Connections) -> Self {
        let (waiting, queue) = mpsc::channel(MAX_WAITING);
        let rate = Arc::new(AtomicU64::new(0));
        tokio::spawn(write(connections, queue, Arc::clone(&rate)));
        Self { waiting, rate }
    }

    /// Creates the entity of a plan and answers with its JSON as stored, once that is committed.
    pub(super) async fn create(&self, plan: &Arc<Permitted<Plan>>) -> Result<Outcome> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { plan: Arc::clone(plan), answer };
        self.waiting.try_send(waiting).map_err(|_| self.full())?;
        answered.await.unwrap_or_else(|_| {
            Err(Error::Unavailable {
                retry_after: 1,
                cause: "the writer ended before it could answer".into(),
            })
        })
    }

    /// Refuses a create, to come back when what waits now will have been written.
    fn full(&self) -> Error {
        let retry_after = seconds_to_write(MAX_WAITING, self.rate.load(Ordering::Relaxed));
        Error::Unavailable { retry_after, cause: "too many creates wait already".into() }
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

/// Takes what waits, statement by statement, until the door is gone.
async fn write(connections: Connections, mut queue: mpsc::Receiver<Waiting>, rate: Arc<AtomicU64>) {
    let mut gathered = Vec::with_capacity(MAX_ROWS);
    while queue.recv_many(&mut gathered, MAX_ROWS).await > 0 {
        // Nobody waits for the answer any more, and nobody was told that the row is there.
        gathered.retain(|waiting| !waiting.answer.is_closed());
        if gathered.is_empty() {
            continue; // which says nothing of the rate
        }
        let (start, count) = (Instant::now(), gathered.len());
        while let Some(first) = gathered.first() {
            let alike = alike(&Arc::clone(&first.plan), &mut gathered);
            // A panic, which is in the log by then, fails these and no others.
            AssertUnwindSafe(answer_all(&connections, alike)).catch_unwind().await.ok();
        }
        let per_second = count as f64 / start.elapsed().as_secs_f64().max(1e-6);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is positive and far below the range of 64 bits"
        )]
        rate.store(per_second as u64, Ordering::Relaxed);
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
fn alike(form: &Permitted<Plan>, gathered: &mut Vec<Waiting>) -> Vec<Waiting> {
    let mut alike = BTreeMap::new();
    for waiting in mem::take(gathered) {
        let Some((tenant, new)) = entity(&waiting.plan) else { continue };
        let place = (tenant, new.address.canonical(), new.key().key_text());
        match alike.entry(place) {
            Entry::Vacant(free) if are_of_one_form(form.what(), waiting.plan.what()) => {
                free.insert(waiting);
            }
            _ => gathered.push(waiting),
        }
    }
    alike.into_values().collect()
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

fn entity(plan: &Permitted<Plan>) -> Option<(uuid::Uuid, &NewEntity)> {
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
