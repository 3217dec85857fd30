//! Connections, each opened to the rows of some tenants: there is no other way to a statement. The
//! database itself hides everyone else's (`migrations/0010_tenants_apart.sql`). Knows no plan.

use std::collections::BTreeSet;
use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "the texts come from `sql`, with values as binds")]
use sqlx::AssertSqlSafe;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Connection, Error as Driver, Postgres, Transaction};
use uuid::Uuid;

use super::failure::{self, StartError};
use crate::error::Result;
use crate::sql::{Cells, Statement};

/// Connections at most; statements are short and the database has few cores.
const MAX_CONNECTIONS: u32 = 16;
/// How long a request waits for a connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a statement may run, and how long it may wait for a lock, in milliseconds.
const STATEMENT_TIMEOUT_MS: &str = "10000";
const LOCK_TIMEOUT_MS: &str = "5000";
/// The role that statements run as, whoever logs in: it owns nothing, and sees what a session
/// opens.
const ROLE: &str = "runstate_server";

/// The pool of connections.
#[derive(Clone, Debug)]
pub(super) struct Sessions(PgPool);

/// A connection that sees the rows of some tenants alone, until it is dropped.
#[derive(Debug)]
pub(super) struct Session(PoolConnection<Postgres>);

impl Sessions {
    /// Connects to a database whose schema is up to date.
    pub(super) async fn open(options: PgConnectOptions) -> std::result::Result<Self, StartError> {
        let user = options.get_username().to_owned();
        // An acknowledged write is on disk, whatever the server's own setting.
        let options = options.application_name("runstate").options([
            ("role", ROLE),
            ("synchronous_commit", "on"),
            ("statement_timeout", STATEMENT_TIMEOUT_MS),
            ("lock_timeout", LOCK_TIMEOUT_MS),
            ("jit", "off"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // Naming the tenants finds out as well whether a connection is alive.
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|error| StartError::of_role(error, user))?;
        Ok(Self(pool))
    }

    /// A connection for statements of these tenants. What it was open to before is forgotten, so that
    /// it does not matter how its last use ended.
    pub(super) async fn of(&self, tenants: impl IntoIterator<Item = Uuid>) -> Result<Session> {
        let tenants: BTreeSet<Uuid> = tenants.into_iter().collect();
        let tenants: Vec<Uuid> = tenants.into_iter().collect();
        let opened = tokio::time::timeout(ACQUIRE_TIMEOUT, self.opened_to(&tenants)).await;
        opened.unwrap_or(Err(Driver::PoolTimedOut)).map_err(failure::of_statement)
    }

    async fn opened_to(&self, tenants: &[Uuid]) -> std::result::Result<Session, Driver> {
        let mut broken = Driver::PoolTimedOut;
        // As many may have broken while they lay idle, and one more may not be opened now.
        for _ in 0..=MAX_CONNECTIONS {
            let mut connection = self.0.acquire().await?;
            let named =
                sqlx::query("SELECT set_config('runstate.tenants', $1::uuid[]::text, false)")
                    .bind(tenants)
                    .execute(&mut *connection)
                    .await;
            match named {
                Ok(_) => return Ok(Session(connection)),
                Err(error) => broken = error,
            }
            connection.close().await.ok(); // what a broken one has to say does not matter
        }
        Err(broken)
    }

    /// What page tokens are signed with.
    pub(super) async fn page_token_key(&self) -> std::result::Result<Vec<u8>, StartError> {
        let key = sqlx::query_scalar("SELECT key FROM page_token_key").fetch_one(&self.0);
        key.await.map_err(StartError::Connect)
    }

    /// Whether the database answers.
    pub(super) async fn is_alive(&self) -> bool {
        self.of([]).await.is_ok()
    }

    /// Ends all connections.
    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

impl Session {
    /// Runs a statement of `sql`'s.
    pub(super) async fn rows(&mut self, statement: Statement) -> Result<Vec<PgRow>> {
        rows(&mut self.0, statement).await
    }

    /// Several statements of which all happen, or none.
    pub(super) async fn begin(&mut self) -> Result<Transaction<'_, Postgres>> {
        self.0.begin().await.map_err(failure::of_statement)
    }
}

/// Runs a statement of `sql`'s on the connection of a session.
pub(super) async fn rows(
    connection: &mut PgConnection,
    statement: Statement,
) -> Result<Vec<PgRow>> {
    bound(statement).fetch_all(connection).await.map_err(failure::of_statement)
}

fn bound(statement: Statement) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.text));
    statement.binds.into_iter().fold(query, |query, cells| match cells {
        Cells::Guids(cells) => query.bind(cells),
        Cells::Texts(cells) => query.bind(cells),
        Cells::Booleans(cells) => query.bind(cells),
        Cells::Integers(cells) => query.bind(cells),
        Cells::Bigints(cells) => query.bind(cells),
        Cells::Doubles(cells) => query.bind(cells),
        Cells::Smallints(cells) => query.bind(cells),
        Cells::Binaries(cells) => query.bind(cells),
    })
}
