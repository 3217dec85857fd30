//! The connection pool: opens connections, and decides whether one can be reused. Knows no statement.

use std::time::{Duration, Instant};

use deadpool::managed::{
    self, BuildError, Manager, Metrics, QueueMode, RecycleError, RecycleResult,
};
use sqlx::postgres::{PgConnection, PgDatabaseError, PgSeverity};
use sqlx::{Connection, Error as Driver};
use uuid::Uuid;

use super::hosts::Hosts;
use super::liveness::Liveness;

/// The size of the pool; `liveness` has one connection besides. Statements are short, and the
/// database has few cores.
pub(crate) const MAX_CONNECTIONS: usize = 16;
/// The maximum age of a connection. Its database process caches something for each table that it has
/// used.
const MAX_AGE: Duration = Duration::from_secs(30 * 60);

/// Last in, first out: the connection that was used last is the most likely to be alive and to have
/// the right tenant, and the others stay idle.
pub(crate) type Pool = managed::Pool<ConnectionManager>;

/// A connection in use. Dropping it returns it to the pool.
pub(crate) type PooledConnection = managed::Object<ConnectionManager>;

#[derive(Debug)]
pub(crate) struct ConnectionManager {
    hosts: Hosts,
    liveness: Liveness,
}

/// A connection with the state that decides about its reuse.
#[derive(Debug)]
pub(crate) struct TrackedConnection {
    /// `None` while a statement runs. A cancelled statement drops the connection, and with it the
    /// statement's transaction and locks.
    driver: Option<PgConnection>,
    /// The tenant of the session setting, and since when.
    pub(crate) tenant: Option<(Uuid, Instant)>,
    pub(crate) last_response: Instant,
    opened: Instant,
}

/// Builds an empty pool.
pub(crate) fn build_pool(hosts: Hosts, liveness: Liveness) -> Result<Pool, BuildError> {
    let pool = Pool::builder(ConnectionManager { hosts, liveness });
    pool.max_size(MAX_CONNECTIONS).queue_mode(QueueMode::Lifo).build()
}

impl ConnectionManager {
    pub(crate) fn hosts(&self) -> &Hosts {
        &self.hosts
    }
}

impl TrackedConnection {
    /// Runs statements on the connection. It can be reused after a response, also after an error of
    /// the statement.
    pub(crate) async fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Driver>,
    ) -> Result<T, Driver> {
        let mut driver = self.driver.take().ok_or(Driver::PoolClosed)?;
        let done = work(&mut driver).await;
        if done.as_ref().err().is_none_or(is_statement_error) {
            self.driver = Some(driver);
            self.last_response = Instant::now();
        }
        done
    }
}

/// Whether an error concerns the statement alone. After a fatal one the database closes the
/// connection.
fn is_statement_error(error: &Driver) -> bool {
    let error = error.as_database_error().and_then(|it| it.try_downcast_ref::<PgDatabaseError>());
    error.is_some_and(|error| error.severity() == PgSeverity::Error)
}

impl Manager for ConnectionManager {
    type Type = TrackedConnection;
    type Error = Driver;

    async fn create(&self) -> Result<TrackedConnection, Driver> {
        let opened = Instant::now();
        let driver = Some(PgConnection::connect_with(self.hosts.used()).await?);
        Ok(TrackedConnection { driver, tenant: None, last_response: Instant::now(), opened })
    }

    async fn recycle(
        &self,
        connection: &mut TrackedConnection,
        _: &Metrics,
    ) -> RecycleResult<Driver> {
        // A connection from before an outage may never respond again.
        let available_since = self.liveness.available_since();
        let is_fresh = available_since.is_some_and(|since| since <= connection.opened);
        match is_fresh && connection.driver.is_some() && connection.opened.elapsed() < MAX_AGE {
            true => Ok(()),
            false => Err(RecycleError::message("too old, or broken")),
        }
    }
}
