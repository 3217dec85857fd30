//! Batches of single writes: takes the writes of one statement out of those that wait, runs it, and
//! sends each write its own result. Knows no queue.

use std::collections::HashMap;
use std::mem;
use std::time::{Duration, Instant};

use sqlx::postgres::PgRow;
use tokio::sync::oneshot;

use super::single_write::SingleWrite;
use crate::database::Connections;
use crate::error::{Error, Log, Result};
use crate::store::Outcome;
use crate::store::outcome::read_index;

/// The maximum number of writes in one statement.
const MAX_ROWS: usize = 128;
/// The maximum number of writes of one entity that wait, each for a statement of its own. Others are
/// rejected, so that one entity cannot fill the queue.
const MAX_OF_ENTITY: usize = 64;
/// The timeout for acquiring a connection and running the statement: longer than the statement
/// timeout of the database, shorter than the timeout of the requests that wait for the result.
const WRITE_TIMEOUT: Duration = Duration::from_millis(13_500);

/// A write whose request waits for the result.
#[derive(Debug)]
pub(super) struct PendingWrite {
    pub(super) write: SingleWrite,
    pub(super) result: oneshot::Sender<Result<Outcome>>,
    /// When it came.
    pub(super) since: Instant,
}

/// The writes of one statement, and its rows.
pub(super) struct WrittenBatch {
    writes: Vec<PendingWrite>,
    rows: Result<Vec<PgRow>>,
}

/// Takes the first write, and those after it that can share its statement; none if no write waits. Of
/// writes of the same entity only one is taken: the statement of the second must see the row of the first.
/// They wait behind all others then, which they would delay. A write whose request was cancelled is
/// dropped: no client got a reply for it, so the row need not be written.
pub(super) fn take_batch(waiting: &mut Vec<PendingWrite>) -> Vec<PendingWrite> {
    waiting.retain(|it| !it.result.is_closed());
    let Some(first) = waiting.first().map(|it| it.write.clone()) else { return Vec::new() };
    let most = waiting.len().min(MAX_ROWS);
    let mut batch: Vec<PendingWrite> = Vec::with_capacity(most);
    let (mut of_entity, mut again) = (HashMap::with_capacity(most), Vec::new());
    for pending in mem::take(waiting) {
        if batch.len() == MAX_ROWS || !first.can_share_statement_with(&pending.write) {
            waiting.push(pending);
            continue;
        }
        let count: &mut usize = of_entity.entry(pending.write.hash_of_entity()).or_default();
        *count += 1;
        match *count {
            1 => batch.push(pending),
            count if count <= MAX_OF_ENTITY => again.push(pending),
            _ => pending.reject(),
        }
    }
    waiting.append(&mut again);
    batch
}

/// Sorts a batch by [`SingleWrite::lock_order`], so that statements which write to the same rows do not
/// deadlock: those of two writers, or of two servers.
pub(super) fn in_lock_order(mut batch: Vec<PendingWrite>) -> Vec<PendingWrite> {
    batch.sort_by(|one, other| one.write.lock_order().cmp(other.write.lock_order()));
    batch
}

/// Writes a batch, which has at least one write. If a tenant is closed, the database refuses the whole
/// statement: the writes of that tenant fail, and those of other tenants are tried again.
pub(super) async fn write(
    connections: &Connections,
    mut writes: Vec<PendingWrite>,
) -> WrittenBatch {
    loop {
        let rows = write_once(connections, &writes).await;
        let closed = rows.as_ref().err().and_then(Error::closed_tenant);
        let is_refused = |it: &PendingWrite| Some(it.write.tenant()) == closed;
        let refused = writes.iter().filter(|it| is_refused(it)).count();
        if refused == 0 || refused == writes.len() {
            return WrittenBatch { writes, rows };
        }
        let (refused, others) = writes.into_iter().partition(is_refused);
        WrittenBatch { writes: refused, rows }.send_results();
        writes = others;
    }
}

async fn write_once(connections: &Connections, writes: &[PendingWrite]) -> Result<Vec<PgRow>> {
    let statement = SingleWrite::statement(&writes.iter().map(|it| &it.write).collect::<Vec<_>>());
    let write =
        Box::pin(async { connections.session_without_tenant().await?.fetch(statement?).await });
    connections.with_timeout(WRITE_TIMEOUT, write).await
}

impl PendingWrite {
    /// Rejects the write, because too many others of its entity wait.
    fn reject(self) {
        let cause = "too many writes of one entity wait".into();
        // An error means that the request was cancelled.
        self.result.send(Err(Error::Unavailable { retry_after: 1, cause })).ok();
    }
}

impl WrittenBatch {
    /// Sends each write its result. If the statement failed, all writes of the batch failed, and no
    /// others.
    pub(super) fn send_results(self) {
        let results: Vec<Result<Outcome>> = match &self.rows {
            Err(error) => {
                if let Some(Log { cause, .. }) = error.row().log.filter(Log::is_new) {
                    tracing::warn!(requests = self.writes.len(), cause, "a batch of writes failed");
                }
                self.writes.iter().map(|_| Err(error.shared())).collect()
            }
            Ok(rows) => {
                let by_index = rows_by_index(rows);
                let rows = (1..).map(|index| by_index.get(&index).copied());
                self.writes.iter().zip(rows).map(|(it, row)| it.write.outcome(row)).collect()
            }
        };
        for (pending, result) in self.writes.into_iter().zip(results) {
            // An error means that the request was cancelled.
            pending.result.send(result).ok();
        }
    }
}

/// The rows by the index of their write, from 1.
fn rows_by_index(rows: &[PgRow]) -> HashMap<i64, &PgRow> {
    rows.iter().filter_map(|row| Some((read_index(row).ok()?, row))).collect()
}
