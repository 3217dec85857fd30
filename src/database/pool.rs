//! The connections that are kept: how one is opened, and whether it is still good when it is wanted
//! again. Knows nothing of what is asked on it.

use std::time::{Duration, Instant};

use deadpool::managed::{
    self, BuildError, Manager, Metrics, QueueMode, RecycleError, RecycleResult,
};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgDatabaseError, PgSeverity};
use sqlx::{Connection, Error as Driver};
use uuid::Uuid;

use super::liveness::Presence;

/// Connections at most, beside the one of `presence`; statements are short and the database has
/// few cores.
pub(crate) const MAX_CONNECTIONS: usize = 16;
/// How old a connection gets. The database keeps something for each table that one has seen.
const MAX_AGE: Duration = Duration::from_secs(30 * 60);

/// The connections of a database. The one that was used last is used next, so that it still is as
/// it was then, and the others can rest.
pub(crate) type Pool = managed::Pool<Opener>;

/// A connection that is used; it goes back to the pool with the value.
pub(crate) type Lease = managed::Object<Opener>;

/// Opens connections, and closes those that are not good any more.
#[derive(Debug)]
pub(crate) struct Opener {
    options: PgConnectOptions,
    presence: Presence,
}

/// A connection, and what is known of it.
#[derive(Debug)]
pub(crate) struct Pooled {
    /// The connection, while nothing is under way on it. Who asks something takes it and puts it back
    /// once that is answered; a question that is given up takes the connection with it, and with
    /// that whatever it has begun and locked.
    driver: Option<PgConnection>,
    /// The tenant that it was opened to last.
    pub(crate) tenant: Option<Uuid>,
    /// When it was answered last.
    pub(crate) answered: Instant,
    opened: Instant,
}

/// A pool that has no connection yet.
pub(crate) fn pool(options: PgConnectOptions, presence: Presence) -> Result<Pool, BuildError> {
    let pool = Pool::builder(Opener { options, presence });
    pool.max_size(MAX_CONNECTIONS).queue_mode(QueueMode::Lifo).build()
}

impl Pooled {
    /// Asks something on the connection. After an answer, be it an error of what was asked, it can be
    /// used again.
    pub(crate) async fn ask<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Driver>,
    ) -> Result<T, Driver> {
        let mut driver = self.driver.take().ok_or(Driver::PoolClosed)?;
        let done = work(&mut driver).await;
        if done.as_ref().err().is_none_or(goes_on) {
            self.driver = Some(driver);
            self.answered = Instant::now();
        }
        done
    }
}

/// Whether the connection is as good as before an error, which it is not where the database ended it.
fn goes_on(error: &Driver) -> bool {
    let error = error.as_database_error().and_then(|it| it.try_downcast_ref::<PgDatabaseError>());
    error.is_some_and(|error| error.severity() == PgSeverity::Error)
}

impl Manager for Opener {
    type Type = Pooled;
    type Error = Driver;

    async fn create(&self) -> Result<Pooled, Driver> {
        let opened = Instant::now();
        let driver = Some(PgConnection::connect_with(&self.options).await?);
        Ok(Pooled { driver, tenant: None, answered: Instant::now(), opened })
    }

    async fn recycle(&self, pooled: &mut Pooled, _: &Metrics) -> RecycleResult<Driver> {
        // What is older than the database's absence may never be answered.
        let since = self.presence.since();
        let is_fresh = since.is_some_and(|since| since <= pooled.opened);
        match is_fresh && pooled.driver.is_some() && pooled.opened.elapsed() < MAX_AGE {
            true => Ok(()),
            false => Err(RecycleError::message("it is not good any more")),
        }
    }
}
