//! Deletes stored versions of a tenant, or of what `holder` names, at once and not with their
//! partitions. Needs the owner of the database, so the server never calls this.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::database::{StartError, without_statement_log};

/// How many versions are stored.
#[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
pub(super) async fn count_versions(
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

/// Deletes them in one transaction; returns how many there were. Blocks no writes.
#[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
pub(super) async fn purge(
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

/// Connects without the server's timeouts: a large history takes longer.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StartError> {
    without_statement_log(options).connect().await.map_err(StartError::Connect)
}
