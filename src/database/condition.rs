//! The condition of an available database: whether it takes writes, and whether its schema has every
//! migration of this program. Knows neither timeouts nor intervals; `liveness` asks.

use sqlx::Error as Driver;
use sqlx::postgres::PgConnection;

use super::{failure, schema};

/// The condition of an available database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It takes writes, and its schema has every migration of this program. It may have more: those
    /// of a newer version that another server runs.
    Complete,
    /// It refuses writes: it is a standby, or was made read-only.
    ReadOnly,
    /// Its schema lacks a migration of this program, or has a different one under its number.
    SchemaOutdated,
}

impl Condition {
    /// Asks the database for its condition.
    ///
    /// # Errors
    /// If there is no response, or none that says it.
    #[expect(clippy::disallowed_methods, reason = "a constant text, run by the probe")]
    pub(super) async fn of(connection: &mut PgConnection) -> Result<Self, Driver> {
        let known = schema::known().iter().map(|(version, checksum)| (*version, &**checksum));
        let (versions, checksums): (Vec<i64>, Vec<&[u8]>) = known.unzip();
        let count = versions.len() as i64;
        let query = sqlx::query_as(
            "SELECT current_setting('transaction_read_only')::boolean,
                 (SELECT count(*) FROM _sqlx_migrations
                  JOIN unnest($1::bigint[], $2::bytea[]) AS own (version, checksum)
                      USING (version, checksum)
                  WHERE success)",
        );
        let query = query.bind(versions).bind(checksums);
        let found: Result<(bool, i64), Driver> = query.fetch_one(connection).await;
        match found {
            Ok((_, applied)) if applied != count => Ok(Self::SchemaOutdated),
            Ok((true, _)) => Ok(Self::ReadOnly),
            Ok((false, _)) => Ok(Self::Complete),
            // The table of migrations does not exist, or may not be read.
            Err(error)
                if failure::is_undefined_table(&error) || failure::is_privilege_missing(&error) =>
            {
                Ok(Self::SchemaOutdated)
            }
            Err(error) => Err(error),
        }
    }

    /// Logs that the database is in this condition from now on.
    pub(super) fn log(self) {
        match self {
            Self::Complete => tracing::info!("the database takes writes"),
            Self::ReadOnly => tracing::warn!("the database is read-only; writes are refused"),
            Self::SchemaOutdated => {
                tracing::error!("the database's schema lacks migrations of this version");
            }
        }
    }
}
