//! The commands of backups, and what they accept.

use std::env;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The variable with the passphrase of the keys in a backup. It is no flag, since other users of a
/// machine can see command lines.
const PASSPHRASE: &str = "RUNSTATE_BACKUP_PASSPHRASE";

/// Options of `backup`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct BackupOptions {
    /// What to do instead of making a backup.
    #[command(subcommand)]
    pub command: Option<BackupCommand>,
    /// File to write, such as runstate.tar
    #[arg(value_name = "FILE", required = true)]
    pub file: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
    /// Leave out the keys of the data directory, which need a passphrase: RUNSTATE_BACKUP_PASSPHRASE, or
    /// typed on the terminal
    #[arg(long)]
    pub without_keys: bool,
}

/// Commands of backups.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Restore a backup into a scratch database, count everything again, and compare
    Verify(VerifyOptions),
}

/// Options of `backup verify`.
#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// An empty database to restore into, which keeps the rows. Prefer the environment variable
    /// PGPASSWORD for its password: the command line is visible to other users [default: a temporary
    /// PostgreSQL]
    #[arg(long, value_name = "URL")]
    pub into: Option<String>,
    /// Do not decrypt the keys, which needs the passphrase
    #[arg(long)]
    pub without_keys: bool,
}

/// Options of `restore`.
#[derive(Debug, Args)]
pub struct RestoreOptions {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The empty database to restore into. Prefer the environment variable PGPASSWORD for its password:
    /// the command line is visible to other users [default: the database of the settings]
    #[arg(long, value_name = "URL")]
    pub into: Option<String>,
    /// Do not restore the keys of the data directory, which need the passphrase
    #[arg(long)]
    pub without_keys: bool,
}

/// The passphrase in the environment, unless it is empty.
#[must_use]
pub fn backup_passphrase() -> Option<String> {
    env::var(PASSPHRASE).ok().filter(|passphrase| !passphrase.is_empty())
}
