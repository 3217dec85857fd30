//! What the database or the driver says → what went wrong. Which of it a client may know, `error`
//! decides.

use sqlx::Error as Driver;

use crate::error::Error;

/// Seconds after which a client may try again when the database did not answer.
const RETRY_AFTER: u32 = 1;

/// Why the database could not be used at start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No connection.
    #[error("the database does not answer: {0}")]
    Connect(#[source] Driver),
    /// No schema.
    #[error("the schema cannot be brought up to date: {0}")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

/// Tells a database that cannot answer now from a statement that is wrong.
pub(super) fn of_statement(error: Driver) -> Error {
    if let Driver::Database(error) = &error {
        let code = error.code().unwrap_or_default();
        if let Some(refused) = of_client(&code) {
            return Error::BadRequest(refused.into());
        }
    }
    let passing = match &error {
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
        true => Error::Unavailable { retry_after: RETRY_AFTER, cause: error.into() },
        false => Error::Internal(error.into()),
    }
}

/// What a client can mend. The checks before the database leave only these to it.
fn of_client(code: &str) -> Option<&'static str> {
    match code {
        "23503" => Some("An entity that the body names with '@odata.bind' does not exist."),
        "54001" => Some("The request is too complex: take some of its expressions away."),
        code if code.starts_with("22") => {
            Some("A calculation or a value in the request leaves the range of its type.")
        }
        _ => None,
    }
}

/// SQLSTATE classes of a database that is busy, full, read-only, starting or stopping, and of
/// transactions that another one undid or that took too long.
fn is_passing(code: &str) -> bool {
    let classes = ["08", "25", "40", "53", "55", "57", "58"];
    classes.iter().any(|class| code.starts_with(class))
}
