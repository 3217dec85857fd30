//! Maintenance of the database while the server runs: partitions are made ahead and dropped when
//! all of their rows are too old, and rows that are kept for some time only are removed. One server
//! of a database does it at a time. Each step is a short transaction of its own; the steps themselves
//! are procedures in `migrations/`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection, FromRow};
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::history::{History, Partitions};
use crate::database::{Connections, DEADLINE, failure};
use crate::error::{Error, Result};

/// The pause between two runs.
const INTERVAL: Duration = Duration::from_secs(10 * 60);
/// The pause after a run that could not do everything, because others used what it wanted to change.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);
/// The time from one batch of removed rows to the next, so that other writes have most of the database.
const BATCH_INTERVAL: Duration = Duration::from_millis(100);
/// The same for a batch in which nothing was old.
const EMPTY_BATCH_INTERVAL: Duration = Duration::from_millis(10);
/// Takes the lock of the server that does the maintenance; it ends with the connection. The number is
/// `Runstate` in ASCII.
const TAKE_LOCK: &str = "SELECT pg_try_advisory_lock(x'52756e7374617465'::bigint)";
/// The fewest partitions ahead of the present that are no reason to worry.
const MIN_AHEAD: i64 = 2;

/// Runs the maintenance now, and again after each interval, until the end.
pub(super) async fn run_regularly(
    connections: Connections,
    history: Arc<History>,
    end: CancellationToken,
) {
    let work = async {
        loop {
            let pause = match run(&connections, &history).await {
                Ok(_) => INTERVAL,
                Err(error) => {
                    log(&error);
                    RETRY_INTERVAL
                }
            };
            time::sleep(pause).await;
        }
    };
    end.run_until_cancelled(Box::pin(work)).await;
}

/// Runs the maintenance, unless another server does; returns whether it ran.
pub(super) async fn run(connections: &Connections, history: &History) -> Result<bool> {
    let connection = connections.with_timeout(DEADLINE, connections.connect()).await?;
    let mut steps = Steps { connections, history, connection };
    let is_ours = steps.run::<(bool,)>(TAKE_LOCK).await?.is_some_and(|(is_ours,)| is_ours);
    if is_ours {
        let kept = steps.keep_partitions().await;
        steps.remove_in_batches("CALL remove_unreported()").await?;
        steps.remove_in_batches("CALL remove_old_events()").await?;
        kept?;
    } else {
        steps.check_partitions().await?;
    }
    steps.connection.close().await.map_err(|error| failure::statement_error(&error))?;
    Ok(is_ours)
}

/// The steps of one run, on a connection of its own.
struct Steps<'a> {
    connections: &'a Connections,
    history: &'a History,
    connection: PgConnection,
}

impl Steps<'_> {
    /// Makes partitions ahead, and drops those that are due.
    async fn keep_partitions(&mut self) -> Result<()> {
        let added = self.run::<()>("CALL add_history_partitions()").await;
        let Partitions { ahead, has_other, .. } = self.check_partitions().await?;
        if ahead < MIN_AHEAD || has_other {
            tracing::warn!(ahead, has_other, "partitions of the history are not made in time");
        }
        added?;
        while let Some((true,)) = self.run::<(bool,)>("CALL drop_history_partition()").await? {
            tracing::info!("a partition of expired versions was emptied or dropped");
        }
        Ok(())
    }

    /// Looks at the partitions, for the log and the metrics.
    async fn check_partitions(&mut self) -> Result<Partitions> {
        let checked = self.run::<(i64, bool, Option<f64>)>("CALL check_history_partitions()");
        let checked = checked.await?;
        let (ahead, has_other, oldest) =
            checked.ok_or(Error::Bug("the check of the partitions has no result"))?;
        let partitions = Partitions { ahead, has_other, oldest };
        self.history.set(partitions);
        Ok(partitions)
    }

    /// Removes old rows, batch by batch, until the step answers that no batch is left.
    async fn remove_in_batches(&mut self, step: &'static str) -> Result<()> {
        loop {
            let start = Instant::now();
            let batch = self.run::<(Option<i64>,)>(step).await?;
            let Some((Some(removed),)) = batch else { return Ok(()) };
            let interval = if removed > 0 { BATCH_INTERVAL } else { EMPTY_BATCH_INTERVAL };
            time::sleep(interval.saturating_sub(start.elapsed())).await;
        }
    }

    /// Runs one step as a transaction of its own; returns the row that it answers with, if any.
    #[expect(clippy::disallowed_methods, reason = "constant texts, for the maintenance alone")]
    async fn run<Row>(&mut self, step: &'static str) -> Result<Option<Row>>
    where
        Row: for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        let done = sqlx::query_as(step).fetch_optional(&mut self.connection);
        let done = async { done.await.map_err(|error| failure::statement_error(&error)) };
        self.connections.with_timeout(DEADLINE, done).await
    }
}

/// A step that others held up, or an outage, is no fault: the next run does the rest.
fn log(error: &Error) {
    let cause = error.row().log.map(|log| log.cause).unwrap_or_default();
    match error {
        Error::Unavailable { .. } | Error::RolledBack(_) | Error::Logged(_) => {
            tracing::debug!(cause, "maintenance of the database is repeated soon");
        }
        _ => tracing::warn!(cause, "maintenance of the database failed, and is repeated soon"),
    }
}
