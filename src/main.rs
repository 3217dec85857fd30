//! The program: reads the configuration and does what it says. What each command does is in
//! `runstate::commands`.

use std::process::ExitCode;

use clap::Parser;
use runstate::config::Config;
use runstate::{commands, log};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config = Config::parse();
    log::start(config.settings.log_format);
    match commands::run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
