//! The tenants of the test twin in the database: adds, copies, empties and removes them, each in one
//! transaction, so that a server that dies leaves no half tenant. `switch` makes what these statements
//! need, and `moving` takes the tenants along to another database. Knows no request.

mod moving;
mod switch;

use std::time::Duration;

use futures_util::future;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Error as Driver, Row};
use uuid::Uuid;

use super::concurrency::MAX_TWIN_CHANGES;
use super::outcome::read_column;
use super::{Store, transaction};
use crate::auth::Authorized;
use crate::database::{DEADLINE, failure, fetch};
use crate::error::{Result, TwinReason};
use crate::sql::{self, Statement, TwinClockRow, TwinTenantRow};

pub use moving::{MovedTwin, TWIN_TABLE};
pub use switch::TwinLock;

/// How long the copy of a tenant may take: that of a million rows takes 20 s.
pub const TWIN_TIMEOUT: Duration = Duration::from_secs(120);
/// The same for the database, in milliseconds, a little shorter: if the database cancels a copy, we know
/// that it had no effect.
const ALLOW_LONG_COPIES: &str = "SELECT set_config('statement_timeout', '115000', true)";
/// How many rows of a tenant or a snapshot are copied at most.
pub const MAX_TWIN_ROWS: i64 = 1_000_000;

/// A part of a transaction. The one row of a statement, if it returns one, is a number of rows.
enum Step<'a> {
    Change(Statement),
    /// Fills an empty tenant, within the limit of rows.
    Copy(Statement),
    /// Carries out a plan in a tenant, which is that of the session.
    Plan(Uuid, &'a Authorized),
}

/// As all functions of the store, these fail if the database does.
impl Store {
    /// All tenants and snapshots, the oldest first.
    pub async fn twin_tenants(&self) -> Result<Vec<TwinTenantRow>> {
        let rows = self.run_for_twin(sql::twin_tenants()).await?;
        let rows: std::result::Result<_, Driver> = rows.iter().map(read_row).collect();
        rows.map_err(|error| failure::statement_error(&error))
    }

    /// Adds a tenant or a snapshot with the contents of `source`; without one, a tenant with what a client
    /// needs to sign in.
    pub async fn add_twin_tenant(&self, new: &TwinTenantRow, source: Option<Uuid>) -> Result<()> {
        let add = sql::add_twin_tenant(new);
        let Some(source) = source else { return self.run_for_twin(add).await.map(drop) };
        let copy = Step::Copy(sql::fork_twin_tenant(source, new.id));
        self.run_steps(None, vec![Step::Change(add), copy]).await.map(drop)
    }

    /// Gives a tenant the contents of `source`, and changes its row.
    pub async fn reset_twin_tenant(&self, row: &TwinTenantRow, source: Option<Uuid>) -> Result<()> {
        let fill = match source {
            Some(source) => sql::fork_twin_tenant(source, row.id),
            None => sql::begin_twin_tenant(row.id),
        };
        let change = Step::Change(sql::change_twin_tenant(row));
        let wipe = Step::Change(sql::wipe_twin_tenant(row.id));
        self.run_steps(None, vec![change, wipe, Step::Copy(fill)]).await.map(drop)
    }

    /// Changes the row of a tenant or of a snapshot.
    pub async fn change_twin_tenant(&self, row: &TwinTenantRow) -> Result<()> {
        self.run_for_twin(sql::change_twin_tenant(row)).await.map(drop)
    }

    /// Removes the rows that have expired by the tenant's clock; returns their number.
    pub async fn expire_twin_tenant(&self, id: Uuid) -> Result<i64> {
        self.run_steps(None, vec![Step::Change(sql::expire_twin_tenant(id))]).await
    }

    /// Adds a snapshot of what plans create, all or nothing.
    pub async fn add_twin_contents(&self, new: &TwinTenantRow, plans: &[Authorized]) -> Result<()> {
        let begin = [sql::add_twin_tenant(new), sql::begin_twin_tenant(new.id)];
        let plans = plans.iter().map(|authorized| Step::Plan(new.id, authorized));
        let steps = begin.into_iter().map(Step::Change).chain(plans);
        self.run_steps(Some(new.id), steps.collect()).await.map(drop)
    }

    /// Removes a tenant or a snapshot with its contents.
    pub async fn remove_twin_tenant(&self, id: Uuid) -> Result<()> {
        let statements = [sql::wipe_twin_tenant(id), sql::remove_twin_tenant(id)];
        self.run_steps(None, statements.map(Step::Change).into()).await.map(drop)
    }

    /// Adds an empty tenant, copies it and undoes both, on each of the connections that change tenants at
    /// the same time. The first changes then are as fast as later ones: a new connection compiles
    /// functions and reads the catalog, which takes ten times as long as an empty tenant.
    pub async fn rehearse_twin(
        &self,
        tenant: &TwinTenantRow,
        copied: &TwinTenantRow,
    ) -> Result<()> {
        let rehearse = async |connection: &mut PgConnection| {
            let statements = [
                sql::add_twin_tenant(tenant),
                sql::add_twin_tenant(copied),
                sql::fork_twin_tenant(tenant.id, copied.id),
                sql::wipe_twin_tenant(copied.id),
            ];
            run_steps(connection, statements.map(Step::Change).into()).await
        };
        let open = |_| Box::pin(self.connections.session_without_tenant());
        let sessions = future::try_join_all((0..MAX_TWIN_CHANGES).map(open)).await?;
        for mut session in sessions {
            self.connections
                .with_timeout(DEADLINE, Box::pin(session.rolled_back(rehearse)))
                .await?;
        }
        Ok(())
    }

    /// Runs one statement. Few changes of tenants run at once, so that requests of clients find a
    /// connection.
    async fn run_for_twin(&self, statement: Statement) -> Result<Vec<PgRow>> {
        let _permit = self.twin.permit().await?;
        let done =
            async { self.connections.session_without_tenant().await?.fetch(statement).await };
        self.connections.with_timeout(DEADLINE, Box::pin(done)).await
    }

    /// Runs steps in one transaction, in a session of a tenant or of none; returns the number of rows that
    /// the last one names. A copy needs more time than other transactions have.
    async fn run_steps(&self, tenant: Option<Uuid>, steps: Vec<Step<'_>>) -> Result<i64> {
        let _permit = self.twin.permit().await?;
        let done = async {
            let mut session = match tenant {
                Some(tenant) => self.connections.session(tenant).await?,
                None => self.connections.session_without_tenant().await?,
            };
            let limited = async |connection: &mut PgConnection| {
                let text = ALLOW_LONG_COPIES.to_owned();
                fetch(connection, Statement { text, binds: Vec::new() }).await?;
                run_steps(connection, steps).await
            };
            session.transaction(limited).await
        };
        self.connections.with_timeout(TWIN_TIMEOUT, Box::pin(done)).await
    }
}

/// Runs steps; returns the number of rows that the last one names.
async fn run_steps(connection: &mut PgConnection, steps: Vec<Step<'_>>) -> Result<i64> {
    let mut count = 0;
    for step in steps {
        let (statement, limit) = match step {
            Step::Change(statement) => (statement, i64::MAX),
            Step::Copy(statement) => (statement, MAX_TWIN_ROWS),
            Step::Plan(tenant, authorized) => {
                let query = sql::query(tenant, authorized.plan());
                transaction::run_uncommitted(connection, query, authorized.actor()).await?;
                continue;
            }
        };
        let rows = fetch(connection, statement).await?;
        count = rows.first().map_or(Ok(0), |row| read_column(row, 0))?;
        if count > limit {
            return Err(TwinReason::TooLarge { limit: MAX_TWIN_ROWS }.into());
        }
    }
    Ok(count)
}

fn read_row(row: &PgRow) -> std::result::Result<TwinTenantRow, Driver> {
    let clock = (row.try_get(5)?, row.try_get(6)?, row.try_get(7)?);
    Ok(TwinTenantRow {
        id: row.try_get(0)?,
        handle: row.try_get(1)?,
        snapshot: row.try_get(2)?,
        start: row.try_get(3)?,
        settings: row.try_get(4)?,
        clock: match clock {
            (Some(at), Some(since), Some(rate)) => Some(TwinClockRow { at, since, rate }),
            _ => None,
        },
        expires_at: row.try_get(8)?,
    })
}
