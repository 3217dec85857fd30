//! Connections to the database, with a timeout for each step: to acquire one, to run a statement, to
//! finish a request. So a database that does not respond never blocks a request for long. Knows no
//! statement.

use std::time::Duration;

use deadpool::managed::PoolError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Error as Driver};
use tokio::runtime::Handle;
use tokio::time;
use tokio_util::context::TokioContext;

use super::condition::Condition;
use super::failure::{self, StartError};
use super::hosts::Hosts;
use super::liveness::Liveness;
use super::pool::{Pool, PooledConnection, build_pool};
use crate::error::{Error, Result};
use crate::retention::HistoryDays;

/// How long a request waits for a connection of the pool. If the database is unavailable, the
/// request fails at once, so this timeout is for a busy one: when a hundred large reads arrive
/// together, the last one waits for more than a second, and succeeds.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
const STATEMENT_TIMEOUT_MS: &str = "10000";
const LOCK_TIMEOUT_MS: &str = "5000";
/// The role that runs every statement, whichever user connects. The role owns nothing, and
/// row-level security limits it to the tenants of the session.
pub(crate) const ROLE: &str = "runstate_server";
/// The timeout for all database work of one request. It is longer than the timeouts of a connection
/// and of a statement together: if the database itself cancels a statement, we know that the
/// statement had no effect.
pub(crate) const DEADLINE: Duration = Duration::from_secs(15);

/// How the pool is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolUsage {
    pub(crate) open: usize,
    pub(crate) idle: usize,
    pub(crate) capacity: usize,
    pub(crate) waiting: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pool: Pool,
    liveness: Liveness,
    /// The runtime of all sockets. Each thread that serves HTTP has its own runtime, which may end
    /// before the others; a connection opened there would end with it.
    runtime: Handle,
}

impl Connections {
    /// Connects once, to check the address, the user and the role.
    pub(crate) async fn open(
        hosts: Hosts,
        history_days: HistoryDays,
    ) -> std::result::Result<Self, StartError> {
        let hosts = hosts.with(|options| session_options(&options, history_days));
        let user = hosts.used().get_username().to_owned();
        let liveness = Liveness::start(hosts.clone());
        let liveness = liveness.await.map_err(|error| StartError::from_connect(error, user))?;
        let pool = build_pool(hosts, liveness.clone()).map_err(StartError::Pool)?;
        Ok(Self { pool, liveness, runtime: Handle::current() })
    }

    /// Reads the key with which page tokens are signed.
    #[expect(clippy::disallowed_methods, reason = "a constant text, read at the start")]
    pub(crate) async fn page_token_key(&self) -> std::result::Result<Vec<u8>, Driver> {
        let mut connection = self.pool.get().await.map_err(pool_error)?;
        let key = sqlx::query_scalar("SELECT key FROM page_token_key");
        connection.run(async |driver| key.fetch_one(driver).await).await
    }

    pub(crate) fn is_available(&self) -> bool {
        self.liveness.available_since().is_some()
    }

    /// The condition of the database when it last responded to a probe.
    pub(crate) fn condition(&self) -> Condition {
        self.liveness.condition()
    }

    /// How many connections of the pool are open and how many of those are idle, how many it may open,
    /// and how many requests and batches wait for one.
    pub(crate) fn usage(&self) -> PoolUsage {
        let status = self.pool.status();
        let (open, idle) = (status.size, status.available);
        PoolUsage { open, idle, capacity: status.max_size, waiting: status.waiting }
    }

    /// Acquires a connection of the pool. Dropping it returns it to the pool.
    pub(crate) async fn acquire(&self) -> Result<PooledConnection> {
        self.pool.get().await.map_err(|error| failure::connection_error(&pool_error(error)))
    }

    /// Opens a connection outside of the pool, for work that takes longer than a request.
    pub(crate) async fn connect(&self) -> Result<PgConnection> {
        let connection = PgConnection::connect_with(self.pool.manager().hosts().used()).await;
        connection.map_err(|error| failure::connection_error(&error))
    }

    /// Runs database work with a timeout. If the database is or becomes unavailable, the work is
    /// cancelled and fails at once.
    pub(crate) async fn with_timeout<T>(
        &self,
        timeout: Duration,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let since = self.liveness.available_since();
        let limited = async {
            tokio::select! {
                biased;
                () = self.liveness.until_unavailable(since) => Err(failure::unavailable()),
                done = work => done,
                () = time::sleep(timeout) => Err(failure::timeout(timeout)),
            }
        };
        let done = TokioContext::new(limited, self.runtime.clone()).await;
        if !done.as_ref().is_err_and(Error::is_unavailable) {
            self.liveness.record_response();
        }
        done
    }

    /// Spawns database work that no request can cancel.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// Stops the probes, and closes all connections; those in use when they return to the pool.
    pub(crate) async fn close(&self) {
        self.liveness.stop().await;
        self.pool.close();
    }
}

fn pool_error(error: PoolError<Driver>) -> Driver {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Closed => Driver::PoolClosed,
        PoolError::Timeout(_) | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            Driver::PoolTimedOut
        }
    }
}

/// The options of the server's connections.
fn session_options(options: &PgConnectOptions, history_days: HistoryDays) -> PgConnectOptions {
    let options = without_statement_log(options).application_name("runstate").options([
        ("role", ROLE),
        // An acknowledged write is on disk, whatever the server's own setting.
        ("synchronous_commit", "on"),
        ("statement_timeout", STATEMENT_TIMEOUT_MS),
        ("lock_timeout", LOCK_TIMEOUT_MS),
        // Statements find rows by their keys, and planning one takes longer than running it.
        ("plan_cache_mode", "force_generic_plan"),
        ("jit", "off"),
    ]);
    // The policy of tenants that have none (`migrations/0008_retention.sql`).
    options.options([("runstate.history_days", history_days.stored())])
}

/// Opens a connection of its own for the owner's work, without the timeouts of the server: the work may
/// take long.
pub(crate) async fn connect(
    options: &PgConnectOptions,
) -> std::result::Result<PgConnection, StartError> {
    without_statement_log(options).connect().await.map_err(StartError::Connect)
}

/// Disables the driver's own log of statements: SQL text does not belong in our log.
pub(super) fn without_statement_log(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().disable_statement_logging()
}
