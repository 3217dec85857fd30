//! Errors of the database and its driver → our errors. Their status and text are in `error`.

use std::borrow::Cow;
use std::time::Duration;

use deadpool::managed::BuildError;
use sqlx::Error as Driver;
use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;
use uuid::Uuid;

use crate::error::Error;

/// Seconds after which a client may retry if the database is unavailable.
const RETRY_AFTER: u32 = 1;
/// SQLSTATE of a missing privilege.
const INSUFFICIENT_PRIVILEGE: &str = "42501";
/// SQLSTATEs of transactions that can be repeated: a conflict, a deadlock, and a row that another
/// partition takes, which was added while the statement ran.
const ROLLED_BACK: [&str; 3] = ["40001", "40P01", "23514"];
/// SQLSTATEs of a statement for a tenant that is closed (`migrations/0018_closed_tenants.sql`). Their
/// detail is the tenant.
const TENANT_MOVING: &str = "55T01";
const TENANT_MOVED: &str = "55T02";
/// SQLSTATE of a table that does not exist.
const UNDEFINED_TABLE: &str = "42P01";
/// SQLSTATE of an invalid setting, here the role.
const INVALID_PARAMETER: &str = "22023";

/// An error of the database at the start of the program.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot connect to the database: {0}")]
    Connect(#[source] Driver),
    #[error("cannot migrate the schema: {0}")]
    Migrate(#[source] MigrateError),
    #[error(
        "the schema is not up to date, and this user may not migrate it ({0}). Run `runstate \
         migrate` with the URL of the database's owner."
    )]
    MayNotMigrate(#[source] MigrateError),
    /// The user is not a member of the server's role, or the role does not exist.
    #[error(
        "the database user must be a member of the role runstate_server ({0}). Let an \
         administrator run: GRANT runstate_server TO {1}"
    )]
    Role(#[source] Driver, String),
    #[error("cannot build the connection pool: {0}")]
    Pool(#[source] BuildError),
    #[error("cannot read the state of the database: {0}")]
    Inspect(#[source] Driver),
    #[error(
        "cannot recount: {0}. The schema must be up to date (`runstate migrate`), and the user must \
         be the database's owner."
    )]
    Recount(#[source] Driver),
    #[error(
        "cannot purge: {0}. The schema must be up to date (`runstate migrate`), and the user must be \
         the database's owner."
    )]
    Purge(#[source] Driver),
    #[error(
        "cannot read or write tenants, applications and users: {0}. The schema must be up to date \
         (`runstate migrate`), and the user must be the database's owner."
    )]
    Directory(#[source] Driver),
    #[error("cannot switch the test twin on or off: {0}. The user must be the database's owner.")]
    Twin(#[source] Driver),
    #[error("another server has the test twin of this database")]
    TwinTaken,
}

impl StartError {
    /// Distinguishes a missing privilege from a migration that fails.
    pub(crate) fn from_migration(error: MigrateError) -> Self {
        let is_privilege_missing = match &error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                is_privilege_missing(error)
            }
            _ => false,
        };
        if is_privilege_missing { Self::MayNotMigrate(error) } else { Self::Migrate(error) }
    }

    /// Distinguishes a missing role or membership from a failed connection.
    pub(crate) fn from_connect(error: Driver, user: String) -> Self {
        match code(&error).as_deref() {
            Some(INSUFFICIENT_PRIVILEGE | INVALID_PARAMETER) => Self::Role(error, user),
            _ => Self::Connect(error),
        }
    }
}

/// Whether a statement names a table that does not exist.
pub(super) fn is_undefined_table(error: &Driver) -> bool {
    code(error).is_some_and(|code| code == UNDEFINED_TABLE)
}

/// Whether the user lacks a privilege that a statement needs.
pub(super) fn is_privilege_missing(error: &Driver) -> bool {
    code(error).is_some_and(|code| code == INSUFFICIENT_PRIVILEGE)
}

fn code(error: &Driver) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(DatabaseError::code)
}

/// Distinguishes an error that a retry may solve, an error of the request, and a bug of ours.
pub(crate) fn statement_error(error: &Driver) -> Error {
    if let Some(code) = code(error) {
        if let Some(closed) = closed_tenant(error, &code) {
            return closed;
        }
        if let Some(client_error) = client_error(&code) {
            return client_error;
        }
        if ROLLED_BACK.contains(&&*code) {
            return Error::RolledBack(log_text(error));
        }
    }
    let is_transient = match error {
        Driver::Io(_)
        | Driver::Tls(_)
        | Driver::PoolTimedOut
        | Driver::PoolClosed
        | Driver::WorkerCrashed
        | Driver::Protocol(_) => true,
        Driver::Database(error) => error.code().is_some_and(|code| is_transient(&code)),
        _ => false,
    };
    match is_transient {
        true => retry_later(log_text(error)),
        false => Error::Internal(log_text(error)),
    }
}

/// Every error while a connection is acquired or opened is worth a retry.
pub(crate) fn connection_error(error: &Driver) -> Error {
    retry_later(match error {
        Driver::PoolTimedOut => "timeout while waiting for a connection of the pool".into(),
        error => log_text(error),
    })
}

/// The database is unavailable. The liveness monitor has logged this already, so requests do not.
pub(crate) fn unavailable() -> Error {
    Error::Logged(Box::new(retry_later("the database is unavailable".into())))
}

/// The database did not respond in time. The write may or may not have happened.
pub(crate) fn timeout(limit: Duration) -> Error {
    retry_later(format!("the database did not respond within {limit:?}"))
}

fn retry_later(cause: String) -> Error {
    Error::Unavailable { retry_after: RETRY_AFTER, cause }
}

/// The text of an error for the log: the database's message and its SQLSTATE, without its details,
/// which may contain values of rows.
pub(crate) fn log_text(error: &Driver) -> String {
    match error {
        Driver::Database(error) => {
            format!("{} (SQLSTATE {})", error.message(), error.code().unwrap_or_default())
        }
        error => error.to_string(),
    }
}

/// The error of a closed tenant.
fn closed_tenant(error: &Driver, code: &str) -> Option<Error> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    let tenant = || Uuid::try_parse(error.detail()?).ok();
    match code {
        TENANT_MOVING => Some(Error::TenantMoving { tenant: tenant()? }),
        TENANT_MOVED => Some(Error::TenantElsewhere { tenant: tenant()? }),
        _ => None,
    }
}

/// The errors that the request caused. All other causes are checked before the statement runs.
fn client_error(code: &str) -> Option<Error> {
    match code {
        "23503" => Some(Error::ReferenceMissing),
        "54001" => Some(Error::TooComplex),
        code if code.starts_with("22") => Some(Error::OutOfRange),
        _ => None,
    }
}

/// SQLSTATE classes of a database that is busy, full, read-only, starting or stopping, and of
/// transactions that were rolled back by a deadlock, a conflict or a timeout. A duplicate key is
/// among them: a statement never inserts a client's key that exists, so the server generated the
/// duplicate, and generates another on a retry.
fn is_transient(code: &str) -> bool {
    let classes = ["08", "23505", "25", "40", "53", "55", "57", "58"];
    classes.iter().any(|class| code.starts_with(class))
}
