//! The command line: settings, commands and their options. The only room that reads the environment.

#![expect(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the texts are shown by --help, where no markup is read"
)]

mod backup;
mod command;
mod directory;
mod given;
mod help;
mod listen;
mod settings;
mod simulate;
mod tenant_command;
mod tenants;
mod tls;
mod twin;
mod twin_command;
mod url;

use std::env;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

pub use backup::{BackupCommand, BackupOptions, RestoreOptions, VerifyOptions, backup_passphrase};
pub use command::{
    Command, CompletionsOptions, DoctorOptions, EnvOptions, FIRST_TENANT, HealthOptions, Language,
    ManOptions, PurgeOptions, RecountOptions, Shell, SnippetOptions, TokenOptions,
    UpgradeClusterOptions,
};
pub use directory::{
    AppCommand, AppOptions, Grant, NewAppOptions, NewUserOptions, OfTenant, PasswordOptions,
    Redirect, RedirectKind, SecretOptions, UserCommand, UserOptions,
};
pub use given::{GivenSetting, SettingSource};
pub use help::{Help, completions, write_manual};
pub use listen::OptionalListen;
pub use settings::{LogFormat, Permissions, Settings};
pub use simulate::{
    AgentOption, ClientOptions, CodesOption, IncidentOption, ReportOption, SimulateOptions,
};
pub use tenant_command::{
    NewTenantOptions, TenantCommand, TenantExportOptions, TenantImportOptions, TenantOptions,
    TenantRemoveOptions,
};
pub use tenants::TenantList;
pub use tls::{FIRST_TLS_PORT, TlsSettings, TrustOptions};
pub use twin::{TwinMode, TwinSettings};
pub use twin_command::{TwinCall, TwinCommand, TwinOptions};

/// What `--version` says: with the version of the generator of simulated fleets, since the same
/// options make the same fleet only with the same generator.
const LONG_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\ngenerator of simulated fleets: 2");

/// The command line: settings, which every command takes, and a command.
#[derive(Debug, Parser)]
#[command(
    name = "runstate", version, long_version = LONG_VERSION, about, max_term_width = 100
)]
pub struct Config {
    /// The settings that every command takes.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do; `serve` by default.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The settings as they were given, for a report.
    #[arg(skip)]
    pub given: Vec<GivenSetting>,
}

impl Config {
    /// The configuration of this process. A wrong command line ends the process.
    ///
    /// # Errors
    /// If the command line asks for help.
    pub fn read() -> Result<Self, Help> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(env::args_os());
        let config = matches.and_then(|matches| {
            let config = Self::from_arg_matches(&matches)?.of_twin(&matches)?;
            Ok(Self { given: given::settings(&command, &matches), ..config })
        });
        config.map_err(|error| match error.format(&mut command) {
            error if error.use_stderr() => error.exit(),
            help => Help(help),
        })
    }

    /// For `token`, `--twin` asks for another token. A setting in the environment does not.
    fn of_twin(mut self, matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Some(Command::Token(options)) = &mut self.command else { return Ok(self) };
        let Some(of_token) = matches.subcommand_matches("token") else { return Ok(self) };
        let is_given = |id| of_token.value_source(id) == Some(ValueSource::CommandLine);
        options.for_twin = is_given("twin");
        match ["tenant", "user", "scope", "role", "app"].into_iter().find(|id| is_given(id)) {
            Some(id) if options.for_twin => Err(clap::Error::raw(
                ErrorKind::ArgumentConflict,
                format!("the argument '--twin' cannot be used with '--{id}'\n"),
            )),
            _ => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Config::command().debug_assert();
    }
}
