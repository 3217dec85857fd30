//! `runstate upgrade-check`: says what this version will do to the database.

use std::process::ExitCode;

use super::Failure;
use super::database::Database;
use crate::config::Settings;
use crate::upgrade::{self, Status};

/// Prints the findings. The exit code is 1 if something stands against the upgrade.
pub(super) async fn run(settings: &Settings) -> Result<ExitCode, Failure> {
    let database = Database::open_existing(settings).await?;
    let directory = settings.data_dir.join("postgres");
    let directory = settings.database_url.is_none().then_some(&*directory);
    let findings = upgrade::check(&database.options, directory).await;
    database.close().await;
    let findings = findings?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.iter().any(|finding| finding.status == Status::Fail) {
        true => Ok(ExitCode::FAILURE),
        false => Ok(ExitCode::SUCCESS),
    }
}
