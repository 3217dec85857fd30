//! `runstate migrate`: brings the schema up to date.

use super::Failure;
use super::database::Database;
use crate::config::Settings;
use crate::store::Store;

pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    let database = Database::open(settings).await?;
    let migrated = Store::migrate(&database.options).await;
    database.close().await;
    Ok(migrated?)
}
