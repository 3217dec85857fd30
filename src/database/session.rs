//! Sessions: connections whose session setting `runstate.tenants` names the tenants that a statement
//! may see. Every statement of a request runs in a session; row-level security hides all other
//! tenants (`migrations/0014_rights.sql`). Knows no plan.

use std::time::{Duration, Instant};

#[expect(clippy::disallowed_types, reason = "the texts come from `sql`, with values as binds")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnection, PgHasArrayType, PgRow};
use sqlx::query::Query;
use sqlx::{Connection, Encode, Error as Driver, Postgres, Type};
use tokio::time;
use uuid::Uuid;

use super::connections::{ACQUIRE_TIMEOUT, Connections};
use super::failure;
use super::liveness::with_probe_timeout;
use super::pool::{MAX_CONNECTIONS, PooledConnection};
use crate::error::Result;
use crate::sql::{Bind, Cells, Statement};

/// A connection that responded so recently is used without a probe.
const SKIP_PROBE_WITHIN: Duration = Duration::from_secs(1);
/// How long a session stays open to its tenant. Then we ask again whether the database serves the tenant
/// (`migrations/0018_closed_tenants.sql`).
pub(crate) const TENANT_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// A connection for the statements of one tenant, or of the tenants that the statement sets itself.
#[derive(Debug)]
pub(crate) struct Session(PooledConnection);

impl Connections {
    /// Opens a session for a tenant, unless the tenant has left the database. Setting the tenant also
    /// proves that the connection is alive; if it broke while idle, we try the next one. The round trip
    /// is skipped if the tenant of the connection was set recently.
    pub(crate) async fn session(&self, tenant: Uuid) -> Result<Session> {
        self.open_session(Some(tenant)).await
    }

    /// Opens a session for a statement that sets its tenants itself, for its transaction.
    pub(crate) async fn session_without_tenant(&self) -> Result<Session> {
        self.open_session(None).await
    }

    async fn open_session(&self, tenant: Option<Uuid>) -> Result<Session> {
        let session = time::timeout(ACQUIRE_TIMEOUT, self.find_alive(tenant)).await;
        session.unwrap_or_else(|_| Err(failure::connection_error(&Driver::PoolTimedOut)))
    }

    async fn find_alive(&self, tenant: Option<Uuid>) -> Result<Session> {
        let mut last_error = Driver::PoolTimedOut;
        // All connections of the pool may have broken; one more attempt opens a new one.
        for _ in 0..=MAX_CONNECTIONS {
            let mut session = Session(self.acquire().await?);
            if session.is_ready(tenant) {
                return Ok(session);
            }
            match session.set_tenant(tenant).await {
                Ok(()) => return Ok(session),
                Err(error) => match failure::statement_error(&error) {
                    closed if closed.closed_tenant().is_some() => return Err(closed),
                    _ => last_error = error,
                },
            }
        }
        Err(failure::connection_error(&last_error))
    }
}

impl Session {
    /// Runs one statement and fetches its rows.
    pub(crate) async fn fetch(&mut self, statement: Statement) -> Result<Vec<PgRow>> {
        let rows = self.0.run(async |driver| bind(statement).fetch_all(driver).await).await;
        rows.map_err(|error| failure::statement_error(&error))
    }

    /// Runs several statements in one transaction, rolled back if one of them fails.
    pub(crate) async fn transaction<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.run_in_transaction(work, true).await
    }

    /// Runs several statements in one transaction, which is rolled back whatever they do.
    pub(crate) async fn rolled_back<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.run_in_transaction(work, false).await
    }

    /// Commits the transaction if that is wanted and its statements succeed, else rolls it back.
    async fn run_in_transaction<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
        commits: bool,
    ) -> Result<T> {
        let ended = self.0.run(async |driver| {
            let mut transaction = driver.begin().await?;
            let done = work(&mut transaction).await;
            match commits && done.is_ok() {
                true => transaction.commit().await?,
                false => transaction.rollback().await?,
            }
            Ok(done)
        });
        ended.await.map_err(|error| failure::statement_error(&error))?
    }

    fn is_ready(&self, tenant: Option<Uuid>) -> bool {
        let is_set = |(set, since): (Uuid, Instant)| {
            tenant == Some(set) && since.elapsed() < TENANT_CHECK_INTERVAL
        };
        self.0.last_response.elapsed() < SKIP_PROBE_WITHIN
            && (tenant.is_none() || self.0.tenant.is_some_and(is_set))
    }

    #[expect(clippy::disallowed_methods, reason = "a constant text that sets the tenant")]
    async fn set_tenant(&mut self, tenant: Option<Uuid>) -> std::result::Result<(), Driver> {
        self.0.tenant = None;
        let setting = "SELECT set_config('runstate.tenants', ARRAY[$1::uuid]::text, false), (\
                           SELECT refuse_closed_tenant(tenant, state) FROM closed_tenant \
                           WHERE tenant = $1 AND state <> 'read-only')";
        let setting = sqlx::query(setting).bind(tenant);
        let since = Instant::now();
        with_probe_timeout(self.0.run(async |driver| setting.execute(driver).await)).await?;
        self.0.tenant = tenant.map(|tenant| (tenant, since));
        Ok(())
    }
}

/// Runs one statement on the connection of a session and fetches its rows.
pub(crate) async fn fetch(
    connection: &mut PgConnection,
    statement: Statement,
) -> Result<Vec<PgRow>> {
    bind(statement).fetch_all(connection).await.map_err(|error| failure::statement_error(&error))
}

/// Binds the values of a statement. Only a session has a connection to run the query on; the tests,
/// which have another one, run it with `EXPLAIN`.
#[expect(clippy::disallowed_methods, reason = "the one place that runs what `sql` wrote")]
pub fn bind(statement: Statement) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.text));
    statement.binds.into_iter().fold(query, |query, Bind { cells, is_array }| match cells {
        Cells::Guids(cells) => bind_cells(query, cells, is_array),
        Cells::Texts(cells) => bind_cells(query, cells, is_array),
        Cells::Booleans(cells) => bind_cells(query, cells, is_array),
        Cells::Integers(cells) => bind_cells(query, cells, is_array),
        Cells::Bigints(cells) => bind_cells(query, cells, is_array),
        Cells::Doubles(cells) => bind_cells(query, cells, is_array),
        Cells::Smallints(cells) => bind_cells(query, cells, is_array),
        Cells::Binaries(cells) => bind_cells(query, cells, is_array),
    })
}

/// Binds cells as an array, or the one that there is as it is.
fn bind_cells<Cell>(
    query: Query<'static, Postgres, PgArguments>,
    cells: Vec<Option<Cell>>,
    is_array: bool,
) -> Query<'static, Postgres, PgArguments>
where
    Cell: Encode<'static, Postgres> + Type<Postgres> + PgHasArrayType + 'static,
{
    match is_array {
        true => query.bind(cells),
        false => query.bind(cells.into_iter().next().flatten()),
    }
}
