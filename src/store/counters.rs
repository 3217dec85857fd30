//! Compares the counters with their rows, and corrects them. The comparison itself is SQL, in
//! `migrations/0011_recount.sql`. Needs the owner of the database, so the server never calls this.

use std::fmt;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions, Connection, FromRow, Row};
use uuid::Uuid;

use crate::database::{StartError, without_statement_log};

/// A counter that differs from its rows.
#[derive(Debug)]
pub struct Miscounted {
    tenant_id: Uuid,
    entity: String,
    counter: String,
    counted: i64,
    actual: i64,
}

/// Finds the counters that differ from their rows, in one snapshot. Does not block writes.
#[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
pub(super) async fn find_miscounted(
    options: &PgConnectOptions,
) -> Result<Vec<Miscounted>, StartError> {
    let mut connection = connect(options).await?;
    let miscounted = sqlx::query_as(
        "SELECT * FROM miscounted ORDER BY tenant_id, entity COLLATE \"C\", counter",
    );
    let miscounted = miscounted.fetch_all(&mut connection).await.map_err(StartError::Recount)?;
    connection.close().await.map_err(StartError::Connect)?;
    Ok(miscounted)
}

/// Recomputes all counters from their rows. Blocks writes until it ends.
#[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
pub(super) async fn recount(options: &PgConnectOptions) -> Result<(), StartError> {
    let mut connection = connect(options).await?;
    let recounted = sqlx::query("SELECT recount()").execute(&mut connection).await;
    recounted.map_err(StartError::Recount)?;
    connection.close().await.map_err(StartError::Connect)
}

/// Connects without the server's timeouts: counting may take longer.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StartError> {
    without_statement_log(options).connect().await.map_err(StartError::Connect)
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
            "tenant {tenant_id}, {entity}: {counter} is {counted}, should be {actual}"
        )
    }
}
