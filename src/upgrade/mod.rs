//! What this version does to a database before it serves it: the pending migrations, with their locks,
//! their time and their disk space, and what stands against them. Changes nothing.

mod checks;
mod effect;
mod forecast;
mod migration;
mod statement;

use std::path::Path;

use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;

use crate::database::StartError;
use crate::disk::Space;
use crate::findings::Finding;

pub use checks::{PREVIOUS, Release};

/// Looks at a database, and at the free space of the directory in which it is, if it is on this machine.
///
/// # Errors
/// If the database cannot be read.
pub async fn check(
    options: &PgConnectOptions,
    directory: Option<&Path>,
) -> Result<Vec<Finding>, StartError> {
    let mut connection = statement::connect(options).await?;
    let state = statement::state(&mut connection).await.map_err(StartError::Inspect)?;
    let applied = statement::applied(&mut connection).await.map_err(StartError::Inspect)?;
    let sizes = statement::sizes(&mut connection).await.map_err(StartError::Inspect)?;
    connection.close().await.map_err(StartError::Inspect)?;
    let free = directory.and_then(|directory| Space::of(directory).ok()).map(|it| it.free);
    let database = checks::Database { state, applied: applied.unwrap_or_default(), sizes, free };
    Ok(checks::findings(&database, &migration::known()))
}
