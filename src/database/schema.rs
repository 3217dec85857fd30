//! The schema: what is in `migrations/`, brought into a database by whoever owns it.

use sqlx::PgConnection;
use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::connections::{ACQUIRE_TIMEOUT, quiet};
use super::failure::StartError;

static MIGRATOR: Migrator = sqlx::migrate!();

/// Runs the migrations that a database lacks.
pub(crate) async fn migrate(options: &PgConnectOptions) -> Result<(), StartError> {
    // A connection of its own: a migration may take longer than a statement may.
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
    let pool = pool.connect_with(quiet(options)).await.map_err(StartError::Connect)?;
    let mut connection = pool.acquire().await.map_err(StartError::Connect)?;
    let migrated = match is_up_to_date(&mut connection).await {
        true => Ok(()),
        false => MIGRATOR.run(&mut *connection).await.map_err(StartError::of_migration),
    };
    drop(connection);
    pool.close().await;
    migrated
}

/// Whether there is nothing to do, which takes no more than to read; false where that is not known.
async fn is_up_to_date(connection: &mut PgConnection) -> bool {
    let Ok(applied) = connection.list_applied_migrations(&MIGRATOR.table_name).await else {
        return false;
    };
    let own = MIGRATOR.iter().map(|own| (own.version, &own.checksum));
    own.eq(applied.iter().map(|applied| (applied.version, &applied.checksum)))
}
