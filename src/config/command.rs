//! The commands and their options.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use uuid::Uuid;

use super::{
    AppCommand, BackupOptions, RestoreOptions, SimulateOptions, TenantCommand, TrustOptions,
    TwinOptions, UserCommand,
};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server (the default)
    Serve,
    /// Print a token of the local issuer
    Token(TokenOptions),
    /// Print the variables by which SDKs use, trust and sign in at this server, for a shell
    Env(EnvOptions),
    /// Print a program that uses this server with the variables of `env`
    Snippet(SnippetOptions),
    /// Have the clients of this machine trust the development certificate authority
    Trust(TrustOptions),
    /// Undo `trust`
    Untrust(TrustOptions),
    /// Register, list and remove applications of the local issuer, and their secrets
    #[command(subcommand)]
    App(AppCommand),
    /// Register, list and remove users of the local issuer, and change their passwords
    #[command(subcommand)]
    User(UserCommand),
    /// Add and list tenants of the local issuer, and move a tenant to another database
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Have a simulated fleet of devices report to a server
    Simulate(Box<SimulateOptions>),
    /// Control the test twin of a running server: tenants, clocks, tokens, rules and recorded requests
    Twin(Box<TwinOptions>),
    /// Bring the database's schema up to date; `serve` does the same when it starts
    Migrate,
    /// Recompute the run counters from the stored run states, as the database's owner
    Recount(RecountOptions),
    /// Delete the stored history of a tenant or of a script now, as the database's owner
    Purge(PurgeOptions),
    /// Write all rows and the keys of the data directory into a file while the server works, as the
    /// database's owner
    Backup(BackupOptions),
    /// Restore a backup into an empty database and the data directory
    Restore(RestoreOptions),
    /// Say what this version will do to the database before it does it; changes nothing, and fails if
    /// something stands against it
    UpgradeCheck,
    /// Move the PostgreSQL in the data directory to a newer major version, which is installed beside the
    /// old one; no server may run
    UpgradeCluster(UpgradeClusterOptions),
    /// Ask the server on RUNSTATE_LISTEN whether it can serve; the exit code is 0 if it can
    Health(HealthOptions),
    /// Examine settings, certificates, issuers and the database, and print what should be done; changes
    /// nothing
    Doctor(DoctorOptions),
    /// Print the script by which a shell completes commands and options
    Completions(CompletionsOptions),
    /// Write the manual pages, one file for each command
    Man(ManOptions),
}

impl Command {
    /// Whether the command reads or writes files in the data directory.
    #[must_use]
    pub fn needs_data_directory(&self) -> bool {
        !matches!(
            self,
            Self::Snippet(_)
                | Self::Recount(_)
                | Self::Purge(_)
                | Self::Backup(_)
                | Self::UpgradeCheck
                | Self::UpgradeCluster(_)
                | Self::Simulate(_)
                | Self::Health(_)
                | Self::Doctor(_)
                | Self::Completions(_)
                | Self::Man(_)
        )
    }
}

/// The content of a token.
#[derive(Debug, Args)]
pub struct TokenOptions {
    /// The tenant
    #[arg(long, value_name = "GUID", default_value_t = FIRST_TENANT)]
    pub tenant: Uuid,
    // Not a doc comment: rustdoc takes the brackets with an address for a link.
    #[arg(
        long,
        value_name = "UPN",
        conflicts_with = "app",
        help = "User principal name of the user [default: user@runstate.local]"
    )]
    pub user: Option<String>,
    /// A delegated permission; may be repeated [default: the permissions for everything in the
    /// profile of `--permissions`]
    #[arg(long, value_name = "PERMISSION", conflicts_with = "app")]
    pub scope: Vec<String>,
    /// A role, which is an application's permission; may be repeated [default: none]
    #[arg(long, value_name = "PERMISSION")]
    pub role: Vec<String>,
    /// An application's own token, without a user
    #[arg(long)]
    pub app: bool,
    /// Whether the command line has `--twin`: the token controls the test twin, and does nothing else.
    #[arg(skip)]
    pub for_twin: bool,
    /// How long the token is valid: seconds, or a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    pub expires: Duration,
}

/// Options of `env`.
#[derive(Clone, Copy, Debug, Args)]
pub struct EnvOptions {
    /// The shell that reads the variables
    #[arg(long, value_name = "SHELL", default_value = "sh")]
    pub shell: Shell,
}

/// The shells by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Shell {
    /// bash, zsh and others: `eval "$(runstate env)"`
    Sh,
    /// `runstate env --shell powershell | Out-String | Invoke-Expression`
    Powershell,
    /// `runstate env --shell fish | source`
    Fish,
}

/// Options of `snippet`.
#[derive(Clone, Copy, Debug, Args)]
pub struct SnippetOptions {
    /// The language of the program
    #[arg(value_name = "LANGUAGE")]
    pub language: Language,
}

/// The languages of snippets by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Language {
    /// azure-identity and msgraph-beta-sdk
    Python,
    /// @azure/identity and @microsoft/microsoft-graph-client, for Node.js
    Javascript,
    /// Microsoft.Graph.Authentication
    Powershell,
    /// azidentity and msgraph-beta-sdk-go
    Go,
    /// Azure.Identity and Microsoft.Graph.Beta, in C#
    Dotnet,
    /// the provider deploymenttheory/microsoft365
    Terraform,
    /// a shell script
    Curl,
}

/// Options of `recount`.
#[derive(Clone, Copy, Debug, Args)]
pub struct RecountOptions {
    /// Change nothing: print each counter that differs, and fail if one does
    #[arg(long)]
    pub check: bool,
}

/// Options of `upgrade-cluster`.
#[derive(Clone, Copy, Debug, Args)]
pub struct UpgradeClusterOptions {
    /// The major version to move to [default: the newest that is installed]
    #[arg(long, value_name = "MAJOR")]
    pub to: Option<u32>,
}

/// Options of `purge`.
#[derive(Clone, Copy, Debug, Args)]
pub struct PurgeOptions {
    /// The tenant
    #[arg(long, value_name = "GUID")]
    pub tenant: Uuid,
    /// A script of the tenant, which may be deleted already [default: all scripts]
    #[arg(long, value_name = "GUID")]
    pub script: Option<Uuid>,
    /// Delete nothing: print how many versions would be deleted
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `completions`.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsOptions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Clone, Debug, Args)]
pub struct ManOptions {
    /// An existing directory, such as /usr/local/share/man/man1
    #[arg(value_name = "DIRECTORY")]
    pub directory: PathBuf,
}

/// Options of `health`.
#[derive(Clone, Copy, Debug, Args)]
pub struct HealthOptions {
    /// Ask only whether the process answers, as /health/live does
    #[arg(long, conflicts_with = "ready")]
    pub live: bool,
    /// Ask also whether the database takes writes and its schema is up to date, as /health/ready does
    #[arg(long)]
    pub ready: bool,
}

/// Options of `doctor`.
#[derive(Clone, Copy, Debug, Args)]
pub struct DoctorOptions {
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Compare all counters with their rows, and not a sample; takes long on a large database
    #[arg(long)]
    pub all_counters: bool,
    /// Fail for warnings as well
    #[arg(long)]
    pub strict: bool,
}

/// The tenant of the local issuer's tokens, and of what a first start puts into the database.
pub const FIRST_TENANT: Uuid = Uuid::from_u128(0x7e57_0000_0000_4000_8000_0000_0000_0001);

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((last, 's')) => (&text[..last], 1),
        Some((last, 'm')) => (&text[..last], 60),
        Some((last, 'h')) => (&text[..last], 3600),
        Some((last, 'd')) => (&text[..last], 86_400),
        _ => (text, 1),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| "must be a number, perhaps with s, m, h or d".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [("90", 90), ("5m", 300), ("2h", 7200), ("1d", 86_400)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for wrong in ["", "m", "-1", "1w", "99999999999999999999", "99999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
