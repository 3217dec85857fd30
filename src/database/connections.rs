//! Connections to the database, and the limits within which each is had, used and given back, so
//! that a database that says nothing holds nobody up. Knows nothing of what is asked.

use std::time::Duration;

use deadpool::managed::PoolError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Error as Driver};
use tokio::runtime::Handle;
use tokio::time;
use tokio_util::context::TokioContext;

use super::failure::{self, StartError};
use super::liveness::Presence;
use super::pool::{Lease, Pool, pool};
use crate::error::{Error, Result};

/// How long a request waits for a connection. A database that is away ends the wait at once, so this
/// is for a busy one: of a hundred large reads that come together the last waits for more than a
/// second, and is served.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a statement may run, and how long it may wait for a lock, in milliseconds.
const STATEMENT_TIMEOUT_MS: &str = "10000";
const LOCK_TIMEOUT_MS: &str = "5000";
/// The role that statements run as, whoever logs in: it owns nothing, and sees what a session
/// opens.
const ROLE: &str = "runstate_server";
/// How long all that one request asks of the database may take. Longer than a connection and a
/// statement may: what the database itself gives up is known not to have happened.
pub(crate) const DEADLINE: Duration = Duration::from_secs(15);

/// The pool, and what is known of the database.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pool: Pool,
    presence: Presence,
    /// Where the sockets are driven. The threads that serve HTTP have runtimes of their own, which
    /// end one by one; a connection that one of them opened would end with it.
    runtime: Handle,
}

impl Connections {
    /// Opens the first one.
    pub(crate) async fn open(options: &PgConnectOptions) -> std::result::Result<Self, StartError> {
        let options = quiet(options).application_name("runstate").options([
            ("role", ROLE),
            // An acknowledged write is on disk, whatever the server's own setting.
            ("synchronous_commit", "on"),
            ("statement_timeout", STATEMENT_TIMEOUT_MS),
            ("lock_timeout", LOCK_TIMEOUT_MS),
            // Statements find rows by their keys, and to plan one takes longer than to run it.
            ("plan_cache_mode", "force_generic_plan"),
            ("jit", "off"),
        ]);
        let user = options.get_username().to_owned();
        let presence = Presence::open(options.clone());
        let presence = presence.await.map_err(|error| StartError::of_role(error, user))?;
        let pool = pool(options, presence.clone()).map_err(StartError::Pool)?;
        Ok(Self { pool, presence, runtime: Handle::current() })
    }

    /// The key of the database that signs page tokens.
    #[expect(clippy::disallowed_methods, reason = "a constant text, read at the start")]
    pub(crate) async fn page_token_key(&self) -> std::result::Result<Vec<u8>, Driver> {
        let mut first = self.pool.get().await.map_err(cause)?;
        let key = sqlx::query_scalar("SELECT key FROM page_token_key");
        first.ask(async |driver| key.fetch_one(driver).await).await
    }

    /// Whether the database is there.
    pub(crate) fn are_possible(&self) -> bool {
        self.presence.since().is_some()
    }

    /// A connection, for as long as the value lives.
    pub(crate) async fn lease(&self) -> Result<Lease> {
        self.pool.get().await.map_err(|error| failure::of_connection(&cause(error)))
    }

    /// Does what is asked of the database, not where the database is away, not beyond the moment
    /// from which it is, and no longer than `limit`.
    pub(crate) async fn limited<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let since = self.presence.since();
        let limited = async {
            tokio::select! {
                biased;
                () = self.presence.lost(since) => Err(failure::of_absence()),
                done = work => done,
                () = time::sleep(limit) => Err(failure::of_lateness(limit)),
            }
        };
        let done = TokioContext::new(limited, self.runtime.clone()).await;
        if !done.as_ref().is_err_and(Error::is_unavailable) {
            self.presence.note_answer();
        }
        done
    }

    /// Lets work on connections go on by itself, whoever began it.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// Ends all connections, those that are used now as soon as they are given back, and stops asking
    /// whether the database is there.
    pub(crate) async fn close(&self) {
        self.presence.stop_watching().await;
        self.pool.close();
    }
}

/// Why there is no connection.
fn cause(error: PoolError<Driver>) -> Driver {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Closed => Driver::PoolClosed,
        PoolError::Timeout(_) | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            Driver::PoolTimedOut
        }
    }
}

/// How to connect without the driver's own log of statements: the texts of SQL do not belong there.
pub(crate) fn quiet(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().disable_statement_logging()
}
