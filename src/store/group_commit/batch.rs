//! Batches of single creates: decides which creates can share one statement, writes it, and sends
//! each create its own result. Knows no queue.

use std::collections::HashMap;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgRow;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::auth::Authorized;
use crate::database::Connections;
use crate::error::{Error, Log, Result};
use crate::plan::{Act, EntityKey, NewEntity};
use crate::sql::{self, Create, Created};
use crate::store::Outcome;
use crate::store::outcome::{read_created, read_index};

/// The timeout for acquiring a connection and running the statement: longer than the statement
/// timeout of the database, shorter than the timeout of the requests that wait for the result.
const WRITE_TIMEOUT: Duration = Duration::from_millis(13_500);

/// A plan that creates one entity and nothing else.
#[derive(Clone, Debug)]
pub(in crate::store) struct SingleCreate(Arc<Authorized>);

/// A create whose request waits for the result.
#[derive(Debug)]
pub(super) struct PendingCreate {
    pub(super) create: SingleCreate,
    pub(super) result: oneshot::Sender<Result<Outcome>>,
}

/// The creates of one statement, and its rows.
pub(super) struct WrittenBatch {
    creates: Vec<PendingCreate>,
    rows: Result<Vec<PgRow>>,
}

impl SingleCreate {
    /// The plan, if it creates one entity and nothing else.
    pub(in crate::store) fn of(authorized: &Arc<Authorized>) -> Option<Self> {
        match authorized.plan().act() {
            Act::Create { contained, .. } if contained.is_empty() => {
                Some(Self(Arc::clone(authorized)))
            }
            _ => None,
        }
    }

    fn entity(&self) -> &NewEntity {
        match self.0.plan().act() {
            Act::Create { entity, .. } => entity,
            _ => unreachable!("`of` checked the plan"),
        }
    }

    fn create(&self) -> Create<'_> {
        (self.0.tenant(), self.entity())
    }

    /// Whether two creates differ only in keys and values.
    fn can_share_statement_with(&self, other: &Self) -> bool {
        let (own, others) = (self.entity(), other.entity());
        let (own_plan, others_plan) = (self.0.plan(), other.0.plan());
        let (own_path, others_path) = (&own.collection.ancestors, &others.collection.ancestors);
        let mut steps = own_path.iter().zip(others_path);
        own.is_key_new == others.is_key_new
            && (own_plan.shape().level, own_plan.root())
                == (others_plan.shape().level, others_plan.root())
            && own.collection.navigation == others.collection.navigation
            && own_path.len() == others_path.len()
            && steps.all(|(own, others)| own.navigation == others.navigation)
    }

    /// The tenant, the keys of the ancestors and the key. Rows are locked in this order.
    fn lock_order(&self) -> impl Iterator<Item = (Option<Uuid>, Option<&str>)> {
        let new = self.entity();
        let keys = new.collection.ancestors.iter().filter_map(|step| step.key.as_ref());
        let keys = keys.chain([&new.key]).map(|key| match key {
            EntityKey::Guid(guid) => (Some(*guid), None),
            EntityKey::Text(text) => (None, Some(&**text)),
            EntityKey::Impossible => (None, None),
        });
        iter::once((Some(self.0.tenant()), None)).chain(keys)
    }
}

/// Takes the creates that can share the statement of `first`. Of creates with the same key only one is
/// taken: the statement of the second must see the row of the first. The batch is sorted by
/// [`SingleCreate::lock_order`], so that servers which write to the same parents do not deadlock.
pub(super) fn take_batch(
    first: &SingleCreate,
    waiting: &mut Vec<PendingCreate>,
) -> Vec<PendingCreate> {
    let can_share = |other: &mut PendingCreate| first.can_share_statement_with(&other.create);
    let mut taken: Vec<PendingCreate> = waiting.extract_if(.., can_share).collect();
    taken.sort_by(|one, other| one.create.lock_order().cmp(other.create.lock_order()));
    let mut distinct: Vec<PendingCreate> = Vec::with_capacity(taken.len());
    for new in taken {
        match distinct.last() {
            Some(last) if last.create.lock_order().eq(new.create.lock_order()) => waiting.push(new),
            _ => distinct.push(new),
        }
    }
    distinct
}

/// Writes a batch, which has at least one create.
pub(super) async fn write(connections: &Connections, creates: Vec<PendingCreate>) -> WrittenBatch {
    let statement = {
        let all: Vec<Create<'_>> = creates.iter().map(|it| it.create.create()).collect();
        creates.first().zip(all.split_first()).map(|(pending, (first, others))| {
            let plan = pending.create.0.plan();
            sql::create_together(*first, others, plan.shape(), plan.root())
        })
    };
    let write = Box::pin(async {
        let Some(statement) = statement else { return Ok(Vec::new()) };
        connections.session_without_tenant().await?.fetch(statement).await
    });
    let rows = connections.with_timeout(WRITE_TIMEOUT, write).await;
    WrittenBatch { creates, rows }
}

impl WrittenBatch {
    /// Sends each create its result. If the statement failed, all creates of the batch failed, and
    /// no others.
    pub(super) fn send_results(self) {
        let results: Vec<Result<Outcome>> = match &self.rows {
            Err(error) => {
                if let Some(Log { cause, .. }) = error.row().log.filter(Log::is_new) {
                    tracing::warn!(
                        requests = self.creates.len(),
                        cause,
                        "a batch of creates failed"
                    );
                }
                self.creates.iter().map(|_| Err(error.shared())).collect()
            }
            Ok(rows) => {
                let by_index = rows_by_index(rows);
                let rows = (1..).map(|index| by_index.get(&index).copied());
                self.creates.iter().zip(rows).map(|(it, row)| outcome(&it.create, row)).collect()
            }
        };
        for (pending, result) in self.creates.into_iter().zip(results) {
            // An error means that the request was cancelled.
            pending.result.send(result).ok();
        }
    }
}

/// The outcome of a create. It has no row if its parent does not exist.
fn outcome(create: &SingleCreate, row: Option<&PgRow>) -> Result<Outcome> {
    read_created(row.ok_or(Error::NotFound)?, &Created::new(create.entity()))
}

/// The rows by the index of their create, from 1. Creates without a parent have no row.
fn rows_by_index(rows: &[PgRow]) -> HashMap<i64, &PgRow> {
    rows.iter().filter_map(|row| Some((read_index(row).ok()?, row))).collect()
}
