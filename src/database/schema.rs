//! The schema: runs the migrations in `migrations/` that a database lacks. Knows no SQL.

use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, SqlSafeStr};

use super::connections::{ACQUIRE_TIMEOUT, quiet};
use super::failure::StartError;

/// Number, description and SQL of each file, as `build.rs` found them.
const FILES: &[(i64, &str, &str)] = &include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// The first line of a migration that may not run in a transaction.
const NO_TRANSACTION: &str = "-- no-transaction";

/// Runs the migrations that a database lacks.
pub(crate) async fn migrate(options: &PgConnectOptions) -> Result<(), StartError> {
    // A connection of its own: a migration may take longer than a statement may.
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
    let pool = pool.connect_with(quiet(options)).await.map_err(StartError::Connect)?;
    let mut connection = pool.acquire().await.map_err(StartError::Connect)?;
    let migrator = migrator();
    let migrated = match is_up_to_date(&migrator, &mut connection).await {
        true => Ok(()),
        false => migrator.run(&mut *connection).await.map_err(StartError::of_migration),
    };
    drop(connection);
    pool.close().await;
    migrated
}

/// The embedded migrations, exactly as sqlx's command-line tool reads them from their folder: a
/// database may be migrated with either.
fn migrator() -> Migrator {
    let migration = |&(number, description, sql): &(i64, &'static str, &'static str)| {
        let (kind, no_transaction) = (MigrationType::Simple, sql.starts_with(NO_TRANSACTION));
        Migration::new(number, description.into(), kind, sql.into_sql_str(), no_transaction)
    };
    Migrator::with_migrations(FILES.iter().map(migration).collect())
}

/// Whether all migrations have been run. To find out takes no more than the right to read; where even
/// that fails, the answer is no, and running the migrations says why.
async fn is_up_to_date(migrator: &Migrator, connection: &mut PgConnection) -> bool {
    let Ok(applied) = connection.list_applied_migrations(&migrator.table_name).await else {
        return false;
    };
    let own = migrator.iter().map(|own| (own.version, &own.checksum));
    own.eq(applied.iter().map(|applied| (applied.version, &applied.checksum)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[tokio::test]
    async fn the_command_line_tool_reads_the_same_migrations() {
        let read = Migrator::new(Path::new("migrations")).await.unwrap();
        let facts = |migrator: &Migrator| -> Vec<_> {
            let facts = |it: &Migration| {
                (
                    it.version,
                    it.description.clone(),
                    it.migration_type,
                    it.no_tx,
                    it.checksum.clone(),
                )
            };
            migrator.iter().map(facts).collect()
        };
        assert!(!facts(&read).is_empty());
        assert_eq!(facts(&migrator()), facts(&read));
    }
}
