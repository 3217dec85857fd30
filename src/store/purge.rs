//! Deletes stored versions of a tenant, or of what `holder` names, at once and not with their
//! partitions. Needs the owner of the database, so the server never calls this.

use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;
use uuid::Uuid;

use super::Store;
use crate::database::{StartError, connect};

impl Store {
    /// How many versions of a tenant are stored, or of what `holder` names. The user of `options` must
    /// be the owner of the schema or a superuser, as for [`Store::purge`].
    ///
    /// # Errors
    /// If the versions cannot be read.
    #[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
    pub async fn count_versions(
        options: &PgConnectOptions,
        tenant: Uuid,
        holder: Option<Uuid>,
    ) -> Result<u64, StartError> {
        let mut connection = connect(options).await?;
        let count = sqlx::query_scalar(
            "SELECT count(*) FROM stored_version
             WHERE tenant_id = $1 AND ($2::uuid IS NULL OR holder_id = $2)",
        );
        let count = count.bind(tenant).bind(holder).fetch_one(&mut connection).await;
        let count: i64 = count.map_err(StartError::Purge)?;
        connection.close().await.map_err(StartError::Connect)?;
        Ok(count.unsigned_abs())
    }

    /// Deletes the stored versions of a tenant, or of what `holder` names, in one transaction; returns
    /// their number. Current entities stay. Blocks no writes.
    ///
    /// # Errors
    /// If the transaction fails; it is rolled back then.
    #[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
    pub async fn purge(
        options: &PgConnectOptions,
        tenant: Uuid,
        holder: Option<Uuid>,
    ) -> Result<u64, StartError> {
        let mut connection = connect(options).await?;
        let delete = sqlx::query(
            "DELETE FROM stored_version
             WHERE tenant_id = $1 AND ($2::uuid IS NULL OR holder_id = $2)",
        );
        let deleted = delete.bind(tenant).bind(holder).execute(&mut connection).await;
        let deleted = deleted.map_err(StartError::Purge)?.rows_affected();
        connection.close().await.map_err(StartError::Connect)?;
        Ok(deleted)
    }
}
