//! SQL that tests run directly on the database: execution, expected errors, waiting for locks.

use std::time::{Duration, Instant};

#[expect(clippy::disallowed_types, reason = "the SQL of tests contains no input of clients")]
use sqlx::AssertSqlSafe;
use sqlx::{Executor, PgConnection};

/// A statement must wait for its lock within this time.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The processes of this database that wait for a lock.
const BLOCKED: &str = "SELECT pid FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Executes a statement.
pub(crate) async fn execute(database: &mut PgConnection, statement: String) {
    database.execute(AssertSqlSafe(statement)).await.unwrap();
}

/// Executes a statement and returns its SQLSTATE, or `None` if it succeeds.
pub(crate) async fn error_code(database: &mut PgConnection, statement: String) -> Option<String> {
    let error = database.execute(AssertSqlSafe(statement)).await.err()?;
    Some(error.as_database_error().unwrap().code().unwrap().into_owned())
}

/// Waits until a statement waits for a lock. Returns its process id.
pub(crate) async fn wait_until_blocked(database: &mut PgConnection) -> i32 {
    let end = Instant::now() + TIMEOUT;
    loop {
        let found = sqlx::query_scalar(BLOCKED).fetch_optional(&mut *database).await.unwrap();
        if let Some(process) = found {
            return process;
        }
        assert!(Instant::now() < end, "no statement waits for a lock");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
