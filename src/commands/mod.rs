//! The commands of the program, one file each: a command opens the resources that it needs, in
//! order, and closes them again.

mod app;
mod backup;
mod completions;
mod counters;
mod database;
mod doctor;
mod env;
mod first_run;
mod health;
mod https;
mod man;
mod metrics;
mod migrate;
mod output;
mod passphrase;
mod purge;
mod restore;
mod serve;
mod served_tenants;
mod service_manager;
mod simulate;
mod snippet;
mod tenant;
mod token;
mod trust;
mod twin;
mod upgrade_check;
mod upgrade_cluster;
mod user;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use crate::config::{Command, Config, LogFormat};
use crate::log;

/// The error of a command: a sentence for the operator.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Runs the program: reads the configuration, starts the log, and runs the command.
///
/// It is here and not in `main.rs` because a future is compiled by the crate that awaits it: the
/// program would compile again most of the library.
#[tokio::main(flavor = "current_thread")]
pub async fn main() -> ExitCode {
    let ended = match Config::read() {
        Ok(config) => {
            log::start(config.settings.log_format);
            run(config).await
        }
        Err(help) => {
            log::start(LogFormat::Text);
            output::checked(help.print()).map(|()| ExitCode::SUCCESS)
        }
    };
    ended.unwrap_or_else(|error| {
        tracing::error!("{error}");
        ExitCode::FAILURE
    })
}

async fn run(config: Config) -> Result<ExitCode, Failure> {
    let Config { settings, command, given } = config;
    let command = command.unwrap_or(Command::Serve);
    if command.needs_data_directory() {
        create_data_directory(&settings.data_dir)?;
    }
    let done = match command {
        // It has exit codes of its own.
        Command::Simulate(options) => return Ok(simulate::run(&settings, *options).await),
        Command::Twin(options) => return twin::run(&settings, *options).await,
        Command::UpgradeCheck => return upgrade_check::run(&settings).await,
        Command::Doctor(options) => {
            return Box::pin(doctor::run(&settings, &given, options)).await;
        }
        Command::Serve => serve::run(&settings).await,
        Command::Token(options) => token::run(&settings, options),
        Command::Env(options) => env::run(&settings, options),
        Command::Snippet(options) => snippet::run(options),
        Command::Trust(options) => trust::add(&settings, options),
        Command::Untrust(options) => trust::remove(&settings, options),
        Command::App(command) => app::run(&settings, command).await,
        Command::User(command) => user::run(&settings, command).await,
        Command::Tenant(command) => tenant::run(&settings, command).await,
        Command::Migrate => migrate::run(&settings).await,
        Command::Recount(options) => counters::run(&settings, options).await,
        Command::Purge(options) => purge::run(&settings, options).await,
        Command::Backup(options) => Box::pin(backup::run(&settings, options)).await,
        Command::Restore(options) => Box::pin(restore::run(&settings, options)).await,
        Command::UpgradeCluster(options) => {
            Box::pin(upgrade_cluster::run(&settings, options)).await
        }
        Command::Health(options) => health::run(settings.listen, options),
        Command::Completions(options) => completions::run(options),
        Command::Man(options) => man::run(&options),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// Creates the data directory. Other users may enter it, since the processes of the database may
/// have to run as another user; only the owner may read the secrets in it.
fn create_data_directory(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|error| {
        let directory = directory.display();
        format!("the data directory {directory} cannot be created: {error}. Set RUNSTATE_DATA_DIR.")
            .into()
    })
}
