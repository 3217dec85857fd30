//! `runstate purge`: deletes the stored history of a tenant or of a script now.

use super::database::Database;
use super::{Failure, output};
use crate::config::{PurgeOptions, Settings};
use crate::store::Store;

pub(super) async fn run(
    settings: &Settings,
    PurgeOptions { tenant, script, dry_run }: PurgeOptions,
) -> Result<(), Failure> {
    let database = Database::open_existing(settings).await?;
    let versions = match dry_run {
        true => Store::count_versions(&database.options, tenant, script).await,
        false => Store::purge(&database.options, tenant, script).await,
    };
    database.close().await;
    let done = if dry_run { "would be" } else { "were" };
    output::line(format_args!("{} versions {done} deleted.", versions?))
}
