//! `runstate upgrade-check`: says what this version will do to the database.

use std::process::ExitCode;

use super::database::Database;
use super::{Failure, output};
use crate::config::Settings;
use crate::findings::Status;
use crate::upgrade;

/// Prints the findings. The exit code is 1 if something stands against the upgrade.
pub(super) async fn run(settings: &Settings) -> Result<ExitCode, Failure> {
    let database = Database::open_existing(settings).await?;
    let directory = settings.data_dir.join("postgres");
    let directory = settings.database_url.is_none().then_some(&*directory);
    let findings = upgrade::check(&database.options, directory).await;
    database.close().await;
    let findings = findings?;
    for finding in &findings {
        output::print(finding.lines(""))?;
    }
    match findings.iter().any(|finding| finding.status == Status::Fail) {
        true => Ok(ExitCode::FAILURE),
        false => Ok(ExitCode::SUCCESS),
    }
}
