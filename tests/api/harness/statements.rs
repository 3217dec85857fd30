//! Statements past the server: what refuses them, and what holds them up.

use std::time::{Duration, Instant};

#[expect(
    clippy::disallowed_types,
    reason = "what tests write past the server comes from nobody"
)]
use sqlx::AssertSqlSafe;
use sqlx::{Executor, PgConnection};

/// How long the database may take to come to a lock.
const PATIENCE: Duration = Duration::from_secs(10);
/// The processes of this database that wait for a lock.
const HELD_UP: &str = "SELECT pid FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Carries out a statement.
pub(crate) async fn carry_out(database: &mut PgConnection, statement: String) {
    database.execute(AssertSqlSafe(statement)).await.unwrap();
}

/// The SQLSTATE with which a statement is refused; nothing where it is done.
pub(crate) async fn refusal(database: &mut PgConnection, statement: String) -> Option<String> {
    let error = database.execute(AssertSqlSafe(statement)).await.err()?;
    Some(error.as_database_error().unwrap().code().unwrap().into_owned())
}

/// Waits until a statement is held up, and gives the process that runs it.
pub(crate) async fn is_held_up(database: &mut PgConnection) -> i32 {
    let end = Instant::now() + PATIENCE;
    loop {
        let found = sqlx::query_scalar(HELD_UP).fetch_optional(&mut *database).await.unwrap();
        if let Some(process) = found {
            return process;
        }
        assert!(Instant::now() < end, "no statement is held up");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
