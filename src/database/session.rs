//! Connections, each opened to the rows of some tenants: there is no other way to a statement. The
//! database itself hides everyone else's (`migrations/0012_rights.sql`). Knows no plan.

use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "the texts come from `sql`, with values as binds")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{Connection, Error as Driver, Postgres};
use tokio::time;
use uuid::Uuid;

use super::connections::{ACQUIRE_TIMEOUT, Connections};
use super::failure;
use super::liveness::in_time;
use super::pool::{Lease, MAX_CONNECTIONS};
use crate::error::Result;
use crate::sql::{Cells, Statement};

/// How long a connection that has answered is taken to be alive.
const TRUST: Duration = Duration::from_secs(1);

/// A connection that sees the rows of a tenant alone, or of those that its statement names, until it
/// is dropped.
#[derive(Debug)]
pub(crate) struct Session(Lease);

impl Connections {
    /// A connection for statements of a tenant, and of no other that it was open to before. To name
    /// the tenant shows as well that the connection is alive; one that broke while it lay idle is
    /// passed over. A connection that has just answered, and to the same tenant, is used as it is.
    pub(crate) async fn session(&self, tenant: Uuid) -> Result<Session> {
        self.opened(Some(tenant)).await
    }

    /// A connection for a statement that names its tenants itself, whoever it was open to before.
    pub(crate) async fn session_of_several(&self) -> Result<Session> {
        self.opened(None).await
    }

    async fn opened(&self, tenant: Option<Uuid>) -> Result<Session> {
        let opened = time::timeout(ACQUIRE_TIMEOUT, self.first_alive(tenant)).await;
        opened.unwrap_or_else(|_| Err(failure::of_connection(&Driver::PoolTimedOut)))
    }

    async fn first_alive(&self, tenant: Option<Uuid>) -> Result<Session> {
        let mut broken = Driver::PoolTimedOut;
        // As many may have broken, and one more may not be opened now.
        for _ in 0..=MAX_CONNECTIONS {
            let mut session = Session(self.lease().await?);
            if session.is_ready(tenant) {
                return Ok(session);
            }
            match session.make_ready(tenant).await {
                Ok(()) => return Ok(session),
                Err(error) => broken = error,
            }
        }
        Err(failure::of_connection(&broken))
    }
}

impl Session {
    /// Runs a statement of `sql`'s.
    pub(crate) async fn rows(&mut self, statement: Statement) -> Result<Vec<PgRow>> {
        let answered = self.0.ask(async |driver| bound(statement).fetch_all(driver).await).await;
        answered.map_err(|error| failure::of_statement(&error))
    }

    /// Does several statements, of which all happen, or none where one of them fails.
    pub(crate) async fn transaction<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        let ended = self.0.ask(async |driver| {
            let mut transaction = driver.begin().await?;
            let done = work(&mut transaction).await;
            match done {
                Ok(_) => transaction.commit().await?,
                Err(_) => transaction.rollback().await?,
            }
            Ok(done)
        });
        ended.await.map_err(|error| failure::of_statement(&error))?
    }

    fn is_ready(&self, tenant: Option<Uuid>) -> bool {
        self.0.answered.elapsed() < TRUST && (tenant.is_none() || self.0.tenant == tenant)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a constant text that opens the session to the tenant"
    )]
    async fn make_ready(&mut self, tenant: Option<Uuid>) -> std::result::Result<(), Driver> {
        self.0.tenant = None;
        let named = "SELECT set_config('runstate.tenants', ARRAY[$1::uuid]::text, false)";
        let named = sqlx::query(named).bind(tenant);
        in_time(self.0.ask(async |driver| named.execute(driver).await)).await?;
        self.0.tenant = tenant;
        Ok(())
    }
}

/// Runs a statement of `sql`'s on the connection of a session.
pub(crate) async fn rows(
    connection: &mut PgConnection,
    statement: Statement,
) -> Result<Vec<PgRow>> {
    bound(statement).fetch_all(connection).await.map_err(|error| failure::of_statement(&error))
}

/// A statement and what is bound to it, as the driver takes them. Whoever has no session has no
/// connection to run it on; the tests, which have one, ask the database how it would be run.
#[expect(clippy::disallowed_methods, reason = "the one place that runs what `sql` wrote")]
pub fn bound(statement: Statement) -> Query<'static, Postgres, PgArguments> {
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
