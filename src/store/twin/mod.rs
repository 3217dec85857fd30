//! The tenants of the test twin in the database: adds, copies, empties and removes them, each in one
//! transaction, so that a server that dies leaves no half tenant. `switch` makes what these statements
//! need. Knows no request.

mod switch;

use std::time::Duration;

use sqlx::postgres::{PgConnection, PgRow};
use uuid::Uuid;

use super::outcome::read_column;
use super::{Store, transaction};
use crate::auth::Authorized;
use crate::database::fetch;
use crate::error::{Result, TwinReason};
use crate::sql::{self, Statement, TwinClockRow, TwinTenantRow};

pub use switch::TwinLock;

/// How long the copy of a tenant may take: that of a million rows takes 20 s.
pub const TWIN_TIMEOUT: Duration = Duration::from_secs(120);
/// The same for the database, in milliseconds, a little shorter: if the database cancels a copy, we know
/// that it had no effect.
const ALLOW_LONG_COPIES: &str = "SELECT set_config('statement_timeout', '115000', true)";
/// How many rows of a tenant or a snapshot are copied at most.
pub const MAX_TWIN_ROWS: i64 = 1_000_000;

/// As all functions of the store, these fail if the database does.
impl Store {
    /// All tenants and snapshots, the oldest first.
    pub async fn twin_tenants(&self) -> Result<Vec<TwinTenantRow>> {
        let read = async |connection: &mut PgConnection| {
            fetch(connection, sql::twin_tenants()).await?.iter().map(read_row).collect()
        };
        self.run_for_twin(read).await
    }

    /// Adds a tenant or a snapshot with the contents of `source`; without one, with what a client needs
    /// to sign in. Returns how many rows were copied.
    pub async fn add_twin_tenant(&self, new: &TwinTenantRow, source: Option<Uuid>) -> Result<i64> {
        let add = async |connection: &mut PgConnection| {
            fetch(connection, sql::add_twin_tenant(new)).await?;
            copy(connection, source, new.id).await
        };
        self.run_for_twin(add).await
    }

    /// Gives a tenant the contents of `source`, and changes its row.
    pub async fn reset_twin_tenant(
        &self,
        row: &TwinTenantRow,
        source: Option<Uuid>,
    ) -> Result<i64> {
        let reset = async |connection: &mut PgConnection| {
            fetch(connection, sql::change_twin_tenant(row)).await?;
            count(connection, sql::wipe_twin_tenant(row.id)).await?;
            copy(connection, source, row.id).await
        };
        self.run_for_twin(reset).await
    }

    /// Changes the row of a tenant or of a snapshot.
    pub async fn change_twin_tenant(&self, row: &TwinTenantRow) -> Result<()> {
        let change = async |connection: &mut PgConnection| {
            fetch(connection, sql::change_twin_tenant(row)).await.map(drop)
        };
        self.run_for_twin(change).await
    }

    /// Removes the rows that have expired by the tenant's clock; returns their number.
    pub async fn expire_twin_tenant(&self, id: Uuid) -> Result<i64> {
        let expire = async |connection: &mut PgConnection| {
            count(connection, sql::expire_twin_tenant(id)).await
        };
        self.run_for_twin(expire).await
    }

    /// Replaces the contents of a tenant by what plans create, all or nothing.
    pub async fn replace_contents(&self, id: Uuid, plans: &[Authorized]) -> Result<()> {
        let replace = async |connection: &mut PgConnection| {
            count(connection, sql::wipe_twin_tenant(id)).await?;
            copy(connection, None, id).await?;
            for authorized in plans {
                let query = sql::query(id, authorized.plan());
                transaction::run_uncommitted(connection, query, authorized.origin()).await?;
            }
            Ok(())
        };
        self.run_in_session_of(Some(id), replace).await
    }

    /// Removes a tenant or a snapshot with its contents.
    pub async fn remove_twin_tenant(&self, id: Uuid) -> Result<()> {
        let remove = async |connection: &mut PgConnection| {
            count(connection, sql::wipe_twin_tenant(id)).await?;
            fetch(connection, sql::remove_twin_tenant(id)).await.map(drop)
        };
        self.run_for_twin(remove).await
    }

    /// Runs statements in one transaction, with the time that a copy needs. Few run at once, so that
    /// requests of clients find a connection.
    async fn run_for_twin<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.run_in_session_of(None, work).await
    }

    async fn run_in_session_of<T>(
        &self,
        tenant: Option<Uuid>,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        let _permit = self.twin.permit().await?;
        let done = async {
            let mut session = match tenant {
                Some(tenant) => self.connections.session(tenant).await?,
                None => self.connections.session_without_tenant().await?,
            };
            let limited = async |connection: &mut PgConnection| {
                let text = ALLOW_LONG_COPIES.to_owned();
                fetch(connection, Statement { text, binds: Vec::new() }).await?;
                work(connection).await
            };
            session.transaction(limited).await
        };
        self.connections.with_timeout(TWIN_TIMEOUT, Box::pin(done)).await
    }
}

async fn copy(connection: &mut PgConnection, source: Option<Uuid>, target: Uuid) -> Result<i64> {
    let rows = count(connection, sql::fork_twin_tenant(source, target)).await?;
    match rows <= MAX_TWIN_ROWS {
        true => Ok(rows),
        false => Err(TwinReason::TooLarge { limit: MAX_TWIN_ROWS }.into()),
    }
}

async fn count(connection: &mut PgConnection, statement: Statement) -> Result<i64> {
    let rows = fetch(connection, statement).await?;
    rows.first().map_or(Ok(0), |row| read_column(row, 0))
}

fn read_row(row: &PgRow) -> Result<TwinTenantRow> {
    let clock = (read_column(row, 5)?, read_column(row, 6)?, read_column(row, 7)?);
    Ok(TwinTenantRow {
        id: read_column(row, 0)?,
        handle: read_column(row, 1)?,
        snapshot: read_column(row, 2)?,
        start: read_column(row, 3)?,
        settings: read_column(row, 4)?,
        clock: match clock {
            (Some(at), Some(since), Some(rate)) => Some(TwinClockRow { at, since, rate }),
            _ => None,
        },
        expires_at: read_column(row, 8)?,
    })
}
