//! What the database or the driver says → what went wrong. Which of it a client may know, `error`
//! decides.

use std::borrow::Cow;
use std::time::Duration;

use deadpool::managed::BuildError;
use sqlx::Error as Driver;
use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::error::Error;

/// Seconds after which a client may try again when the database did not answer.
const RETRY_AFTER: u32 = 1;
/// SQLSTATE of what a user may not do, and of a setting (here the role) that cannot be.
const INSUFFICIENT_PRIVILEGE: &str = "42501";
const INVALID_PARAMETER: &str = "22023";

/// Why the database could not be used at start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No connection.
    #[error("the database does not answer: {0}")]
    Connect(#[source] Driver),
    /// No schema.
    #[error("the schema cannot be brought up to date: {0}")]
    Migrate(#[source] MigrateError),
    /// No schema, and a user who may not make it.
    #[error(
        "the schema is not up to date, and this user may not change it ({0}). Run `runstate \
         migrate` with the URL of the database's owner."
    )]
    MayNotMigrate(#[source] MigrateError),
    /// The user may not become the role that the server works as.
    #[error(
        "the server works as the role runstate_server ({0}). Have an administrator run: \
         GRANT runstate_server TO {1}"
    )]
    Role(#[source] Driver, String),
    /// No pool.
    #[error("connections to the database cannot be kept: {0}")]
    Pool(#[source] BuildError),
    /// The counters cannot be compared with the rows, or set.
    #[error(
        "the counters cannot be compared with the rows: {0}. It takes an up-to-date schema \
         (`runstate migrate`) and the database's owner."
    )]
    Recount(#[source] Driver),
}

impl StartError {
    /// Tells a user who is not the owner from a migration that fails.
    pub(crate) fn of_migration(error: MigrateError) -> Self {
        let refused = match &error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                code(error).is_some_and(|code| code == INSUFFICIENT_PRIVILEGE)
            }
            _ => false,
        };
        if refused { Self::MayNotMigrate(error) } else { Self::Migrate(error) }
    }

    /// Tells a user who may not become the server's role, or a role that is not there, from a
    /// database that does not answer.
    pub(crate) fn of_role(error: Driver, user: String) -> Self {
        match code(&error).as_deref() {
            Some(INSUFFICIENT_PRIVILEGE | INVALID_PARAMETER) => Self::Role(error, user),
            _ => Self::Connect(error),
        }
    }
}

fn code(error: &Driver) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(DatabaseError::code)
}

/// Tells a database that cannot answer now from a statement that is wrong.
pub(crate) fn of_statement(error: &Driver) -> Error {
    if let Driver::Database(error) = error {
        let code = error.code().unwrap_or_default();
        if let Some(refused) = of_client(&code) {
            return refused;
        }
    }
    let passing = match error {
        Driver::Io(_)
        | Driver::Tls(_)
        | Driver::PoolTimedOut
        | Driver::PoolClosed
        | Driver::WorkerCrashed
        | Driver::Protocol(_) => true,
        Driver::Database(error) => error.code().is_some_and(|code| is_passing(&code)),
        _ => false,
    };
    match passing {
        true => unavailable(told(error)),
        false => Error::Internal(told(error)),
    }
}

/// No connection could be had, whatever the reason.
pub(crate) fn of_connection(error: &Driver) -> Error {
    unavailable(match error {
        Driver::PoolTimedOut => "no connection to the database became free in time".into(),
        error => told(error),
    })
}

/// The database is away, which the log has said when it became so.
pub(crate) fn of_absence() -> Error {
    Error::Logged(Box::new(unavailable("the database is away".into())))
}

/// The database has not answered in time. Whether it did what was asked is not known.
pub(crate) fn of_lateness(limit: Duration) -> Error {
    unavailable(format!("the database did not answer within {limit:?}"))
}

fn unavailable(cause: String) -> Error {
    Error::Unavailable { retry_after: RETRY_AFTER, cause }
}

/// What the log is told: the database's message and its SQLSTATE. Never its details, which repeat
/// what is in rows.
pub(crate) fn told(error: &Driver) -> String {
    match error {
        Driver::Database(error) => {
            format!("{} (SQLSTATE {})", error.message(), error.code().unwrap_or_default())
        }
        error => error.to_string(),
    }
}

/// What a client can mend. The checks before the database leave only these to it.
fn of_client(code: &str) -> Option<Error> {
    match code {
        "23503" => Some(Error::ReferenceMissing),
        "54001" => Some(Error::TooComplex),
        code if code.starts_with("22") => Some(Error::OutOfRange),
        _ => None,
    }
}

/// SQLSTATE classes of a database that is busy, full, read-only, starting or stopping, and of
/// transactions that another one undid or that took too long. And that of a key which is there
/// already: a client's own is never written then, so it is one that the server made, and the next
/// one will be another.
fn is_passing(code: &str) -> bool {
    let classes = ["08", "23505", "25", "40", "53", "55", "57", "58"];
    classes.iter().any(|class| code.starts_with(class))
}
