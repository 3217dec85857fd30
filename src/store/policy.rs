//! Reads and writes policies of retention, for callers who may.

use sqlx::postgres::{PgConnection, PgRow};
use uuid::Uuid;

use super::Store;
use super::actor;
use super::outcome::read_column;
use crate::auth::PolicyAccess;
use crate::database::{DEADLINE, fetch};
use crate::error::{Error, Result};
use crate::retention::{Change, HistoryDays, InForce, Limit, Usage};
use crate::sql;

impl Store {
    /// The policy in force, for the tenant or for the holder of a policy of its own.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the holder does not exist, [`Error::Unavailable`] if the database fails.
    pub async fn policy(&self, access: &PolicyAccess, holder: Option<Uuid>) -> Result<InForce> {
        let tenant = access.tenant();
        let read = async {
            let mut session = self.connections.session(tenant).await?;
            in_force(&session.fetch(sql::policy(tenant, holder)).await?)
        };
        self.connections.with_timeout(DEADLINE, Box::pin(read)).await
    }

    /// Changes a policy; returns the policy that is in force then.
    ///
    /// # Errors
    /// As [`Store::policy`]; [`Error::Bug`] if the caller may only read.
    pub async fn change_policy(&self, access: &PolicyAccess, change: Change) -> Result<InForce> {
        if !access.may_write() {
            return Err(Error::Bug("a policy is written with the permission to read"));
        }
        let tenant = access.tenant();
        let write = async {
            let mut session = self.connections.session(tenant).await?;
            let change = async |connection: &mut PgConnection| {
                actor::set(connection, access.actor()).await?;
                run(connection, tenant, change).await
            };
            session.transaction(change).await
        };
        self.connections.with_timeout(DEADLINE, Box::pin(write)).await
    }
}

async fn run(connection: &mut PgConnection, tenant: Uuid, change: Change) -> Result<InForce> {
    let changed = fetch(connection, sql::change_policy(tenant, &change)).await?;
    let exists = changed.first().map(|row| read_column(row, 0)).transpose()?;
    match exists {
        Some(true) => in_force(&fetch(connection, sql::policy(tenant, change.holder())).await?),
        _ => Err(Error::NotFound),
    }
}

fn in_force(rows: &[PgRow]) -> Result<InForce> {
    let row = rows.first().ok_or(Error::NotFound)?;
    let limit = |index| -> Result<(Limit, String)> {
        Ok((Limit::from_stored(read_column(row, index)?), read_column(row, index + 1)?))
    };
    Ok(InForce {
        history_days: (HistoryDays::from_stored(read_column(row, 0)?), read_column(row, 1)?),
        history_versions: limit(2)?,
        report_days: limit(4)?,
        usage: Usage {
            oldest_version: read_column(row, 6)?,
            versions: read_column(row, 7)?,
            bytes: read_column(row, 8)?,
            is_estimate: read_column(row, 9)?,
        },
    })
}
