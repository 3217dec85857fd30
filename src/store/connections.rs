//! Connections to the database: the pool, and the limits within which each is had, used and given
//! back, so that a database that says nothing holds nobody up. Knows nothing of what is asked.

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Postgres};
use tokio::runtime::Handle;
use tokio::time;
use tokio_util::context::TokioContext;

use super::failure::{self, StartError};
use super::presence::{PATIENCE, Presence};
use crate::error::Result;

/// Connections at most, beside the one of `presence`; statements are short and the database has
/// few cores.
pub(super) const MAX_CONNECTIONS: u32 = 16;
/// How long a request waits for a connection. A database that is away ends the wait at once, so this
/// is for a busy one: of a hundred large reads that come together the last waits for more than a
/// second, and is served.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a statement may run, and how long it may wait for a lock, in milliseconds.
const STATEMENT_TIMEOUT_MS: &str = "10000";
const LOCK_TIMEOUT_MS: &str = "5000";
/// The role that statements run as, whoever logs in: it owns nothing, and sees what a session
/// opens.
const ROLE: &str = "runstate_server";
/// How long all that one request asks of the database may take. Longer than a connection and a
/// statement may: what the database itself gives up is known not to have happened.
pub(super) const DEADLINE: Duration = Duration::from_secs(15);

/// The pool, and what is known of the database.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    pool: PgPool,
    presence: Presence,
    /// Where the sockets are driven. The threads that serve HTTP have runtimes of their own, which
    /// end one by one; a connection that one of them opened would end with it.
    runtime: Handle,
}

/// A connection that is used, until it is given back to the pool.
#[derive(Debug)]
pub(super) struct Lease {
    connection: PoolConnection<Postgres>,
    connections: Connections,
    /// Since when the database was there when it was had.
    since: Option<Instant>,
}

impl Connections {
    /// Opens the first one.
    pub(super) async fn open(options: &PgConnectOptions) -> std::result::Result<Self, StartError> {
        // An acknowledged write is on disk, whatever the server's own setting.
        let options = quiet(options).application_name("runstate").options([
            ("role", ROLE),
            ("synchronous_commit", "on"),
            ("statement_timeout", STATEMENT_TIMEOUT_MS),
            ("lock_timeout", LOCK_TIMEOUT_MS),
            ("jit", "off"),
        ]);
        let user = options.get_username().to_owned();
        let presence = Presence::open(options.clone());
        let presence = presence.await.map_err(|error| StartError::of_role(error, user))?;
        let known = presence.clone();
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // The driver's own test would wait without a limit; a session finds out by itself.
            .test_before_acquire(false)
            .before_acquire(move |_, meta| {
                // What is older than the database's absence may never be answered.
                let fresh = known.since().is_some_and(|since| meta.age <= since.elapsed());
                Box::pin(async move { Ok(fresh) })
            })
            .connect_with(options)
            .await
            .map_err(StartError::Connect)?;
        Ok(Self { pool, presence, runtime: Handle::current() })
    }

    /// The key of the database that signs page tokens.
    pub(super) async fn page_token_key(&self) -> std::result::Result<Vec<u8>, sqlx::Error> {
        sqlx::query_scalar("SELECT key FROM page_token_key").fetch_one(&self.pool).await
    }

    /// Whether the database is there.
    pub(super) fn are_possible(&self) -> bool {
        self.presence.since().is_some()
    }

    /// A connection, for as long as the value lives.
    pub(super) async fn lease(&self) -> Result<Lease> {
        let since = self.presence.since();
        let connection =
            self.pool.acquire().await.map_err(|error| failure::of_connection(&error))?;
        Ok(Lease { connection, connections: self.clone(), since })
    }

    /// Does what is asked of the database, not where the database is away, not beyond the moment
    /// from which it is, and no longer than `limit`.
    pub(super) async fn limited<T>(
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
        if !done.as_ref().is_err_and(failure::is_silence) {
            self.presence.note_answer();
        }
        done
    }

    /// Ends all connections.
    pub(super) async fn close(&self) {
        time::timeout(PATIENCE, self.pool.close()).await.ok();
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Lease {
    /// Gives the connection back, once what a request may have left under way is over. By itself
    /// the driver would wait for that without a limit, and the pool would miss a connection.
    fn drop(&mut self) {
        let back = self.connection.return_to_pool();
        let (presence, since) = (self.connections.presence.clone(), self.since);
        self.connections.runtime.spawn(async move {
            tokio::select! {
                () = presence.lost(since) => {}
                () = time::sleep(DEADLINE) => {}
                () = back => {}
            }
        });
    }
}

/// How to connect without the driver's own log of statements: the texts of SQL do not belong there.
pub(super) fn quiet(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().disable_statement_logging()
}
