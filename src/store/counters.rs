//! Compares the counters with the rows, and corrects them. The comparison itself is SQL, in
//! `migrations/0009_recount.sql`. This is for the owner of the database, not for the server.

use std::fmt;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions, Connection, FromRow, Row};
use uuid::Uuid;

use crate::database::{StartError, quiet};

/// A counter that differs from the rows.
#[derive(Debug)]
pub struct Miscounted {
    tenant_id: Uuid,
    entity: String,
    counter: String,
    counted: i64,
    actual: i64,
}

/// The counters that differ from the rows, in one snapshot. Writes go on meanwhile.
#[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
pub(super) async fn check(options: &PgConnectOptions) -> Result<Vec<Miscounted>, StartError> {
    let mut connection = connect(options).await?;
    let wrong = sqlx::query_as(
        "SELECT * FROM miscounted ORDER BY tenant_id, entity COLLATE \"C\", counter",
    );
    let wrong = wrong.fetch_all(&mut connection).await.map_err(StartError::Recount)?;
    connection.close().await.map_err(StartError::Connect)?;
    Ok(wrong)
}

/// Sets all counters to what the rows say. Writes wait until it ends.
#[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
pub(super) async fn recount(options: &PgConnectOptions) -> Result<(), StartError> {
    let mut connection = connect(options).await?;
    let recounted = sqlx::query("SELECT recount()").execute(&mut connection).await;
    recounted.map_err(StartError::Recount)?;
    connection.close().await.map_err(StartError::Connect)
}

/// A connection without the server's timeouts: counting may take longer.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StartError> {
    quiet(options).connect().await.map_err(StartError::Connect)
}

impl FromRow<'_, PgRow> for Miscounted {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            tenant_id: row.try_get("tenant_id")?,
            entity: row.try_get("entity")?,
            counter: row.try_get("counter")?,
            counted: row.try_get("counted")?,
            actual: row.try_get("actual")?,
        })
    }
}

impl fmt::Display for Miscounted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant_id, entity, counter, counted, actual } = self;
        write!(
            formatter,
            "tenant {tenant_id}, {entity}: {counter} is {counted}, the rows say {actual}"
        )
    }
}
