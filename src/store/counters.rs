//! Compares the counters with their rows, and corrects them. The comparison itself is SQL, in
//! `migrations/0011_recount.sql`. Needs the owner of the database, so the server never calls this.

use std::fmt;

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{Connection, FromRow, Row};
use uuid::Uuid;

use super::Store;
use crate::database::{StartError, connect};

/// A counter that differs from its rows.
#[derive(Debug)]
pub struct Miscounted {
    tenant_id: Uuid,
    entity: String,
    counter: String,
    counted: i64,
    actual: i64,
}

impl Store {
    /// Finds the counters that differ from their rows, in one snapshot. Does not block writes. The user
    /// of `options` must be the owner of the schema or a superuser, as for [`Store::recount`].
    ///
    /// # Errors
    /// If the counters cannot be compared with their rows.
    #[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
    pub async fn find_miscounted(
        options: &PgConnectOptions,
    ) -> Result<Vec<Miscounted>, StartError> {
        let mut connection = connect(options).await?;
        let miscounted = sqlx::query_as(
            "SELECT * FROM miscounted ORDER BY tenant_id, entity COLLATE \"C\", counter",
        );
        let miscounted = miscounted.fetch_all(&mut connection).await;
        let miscounted = miscounted.map_err(StartError::Recount)?;
        connection.close().await.map_err(StartError::Connect)?;
        Ok(miscounted)
    }

    /// Recomputes all counters from their rows, and corrects the run summaries by the differences.
    /// Blocks writes until it ends.
    ///
    /// # Errors
    /// If the transaction fails; it is rolled back then.
    #[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
    pub async fn recount(options: &PgConnectOptions) -> Result<(), StartError> {
        let mut connection = connect(options).await?;
        let recounted = sqlx::query("SELECT recount()").execute(&mut connection).await;
        recounted.map_err(StartError::Recount)?;
        connection.close().await.map_err(StartError::Connect)
    }
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
