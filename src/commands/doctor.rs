//! `runstate doctor`: asks the server, the issuers and the database, and prints a report of what should be
//! done.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};

use super::database::Database;
use super::{Failure, health, output, serve, served_tenants};
use crate::auth::{ConfigError, IssuerConfig, count_keys};
use crate::config::{DoctorOptions, GivenSetting, Settings};
use crate::doctor::{self, Installation, IssuerKeys, Report};
use crate::findings::Status;

/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Prints the report. The exit code says whether something has failed.
pub(super) async fn run(
    settings: &Settings,
    given: &[GivenSetting],
    options: DoctorOptions,
) -> Result<ExitCode, Failure> {
    let installation = Installation {
        settings,
        server: ask(settings.listen, "/health/ready"),
        metrics: metrics(settings),
        issuers: issuers(settings).await,
        wanted_files: serve::wanted_files(),
    };
    let mut report = doctor::check_installation(&installation);
    check_database(&mut report, settings, options.all_counters).await;
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    match options.json {
        true => output::line(format_args!("{:#}", report.json(&time, given)))?,
        false => output::print(report.text(&time, given))?,
    }
    Ok(match report.status() {
        Status::Fail => ExitCode::FAILURE,
        Status::Warn if options.strict => ExitCode::FAILURE,
        Status::Ok | Status::Skip | Status::Warn => ExitCode::SUCCESS,
    })
}

/// Examines the database. One in the data directory that nobody runs is started for it.
async fn check_database(report: &mut Report, settings: &Settings, counts_all: bool) {
    match Database::open_existing(settings).await {
        Ok(database) => {
            let is_embedded = settings.database_url.is_none();
            let served = served_tenants::open(settings).await.map(|(served, _)| served);
            let served = &served.map_err(|error| error.to_string());
            let options = &database.options;
            let examined = doctor::Database { options, is_embedded, counts_all, served };
            report.check_database(&examined).await;
            database.close().await;
        }
        Err(error) => report.without_database(&error.to_string()),
    }
}

/// The page of metrics, if the server has one.
fn metrics(settings: &Settings) -> Option<String> {
    match ask(settings.metrics_address()?, "/metrics") {
        Ok((200, page)) => Some(page),
        _ => None,
    }
}

fn ask(address: SocketAddr, path: &str) -> Result<(u16, String), String> {
    health::ask(address, path, TIMEOUT).map_err(|error| error.to_string())
}

/// The configured issuers, each with the number of its keys.
async fn issuers(settings: &Settings) -> Result<Vec<IssuerKeys>, ConfigError> {
    let Some(file) = &settings.issuers else { return Ok(Vec::new()) };
    let mut issuers = Vec::new();
    for config in IssuerConfig::from_file(file)? {
        let issuer = config.issuer.clone();
        issuers.push(IssuerKeys { issuer, count: count_keys(config).await });
    }
    Ok(issuers)
}
