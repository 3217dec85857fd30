//! The commands that control the test twin of a running server, and their options. They mirror the
//! control API.

use std::ffi::OsString;

use clap::{Args, Subcommand};

use super::{TwinRequestsOptions, TwinRuleOptions, TwinThrottleOptions, TwinVerifyOptions};

/// `runstate twin …`: a command, and where the server is.
#[derive(Debug, Args)]
pub struct TwinOptions {
    /// Address of the server [default: http:// and the address of `--listen`]
    #[arg(long, env = "RUNSTATE_TWIN_URL", global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Print replies as JSON, as the control API sends them
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: TwinCommand,
}

/// What to do with the tenants of the twin.
#[derive(Debug, Subcommand)]
pub enum TwinCommand {
    /// Make a tenant; with a command after `--`, run that with the tenant, and remove the tenant then
    Create(TwinCreateOptions),
    /// Copy a tenant
    Fork(TwinForkOptions),
    /// Give a tenant the contents that it had at the start, or those of a snapshot
    Reset(TwinResetOptions),
    /// Keep the contents of a tenant under a name
    Snapshot(TwinSnapshotOptions),
    /// Remove tenants, a snapshot, or everything
    Delete(TwinDeleteOptions),
    /// List tenants and snapshots
    List,
    /// Make a token of a tenant
    Token(TwinTokenOptions),
    /// Show, set or advance the clock of a tenant
    Clock(TwinClockOptions),
    /// Add, list or remove the rules by which requests of a tenant fail
    Rule(TwinRuleOptions),
    /// Show or set the throttle of a tenant
    Throttle(TwinThrottleOptions),
    /// List or forget the requests that a tenant got
    Requests(TwinRequestsOptions),
    /// Check the requests that a tenant got
    Verify(TwinVerifyOptions),
}

/// What a new tenant is to be.
#[derive(Debug, Args)]
pub struct TwinNewOptions {
    /// The `id` by which other commands name the tenant [default: its GUID]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// A name, which several tenants may have
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// How long the tenant lives, such as 90s or PT1H [default: an hour]
    #[arg(long, value_name = "TIME")]
    pub ttl: Option<String>,
    /// The permission profile: seed, current or either [default: seed]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// `seeded` for the same ids in each run [default: random]
    #[arg(long, value_name = "IDS")]
    pub ids: Option<String>,
    /// The time that the clock shows at the start [default: the real time]
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Virtual seconds in a real one; 0 freezes the clock [default: 1]
    #[arg(long, value_name = "NUMBER")]
    pub rate: Option<f64>,
}

/// Options of `twin create`.
#[derive(Debug, Args)]
pub struct TwinCreateOptions {
    #[command(flatten)]
    pub new: TwinNewOptions,
    /// A snapshot or a tenant whose contents are copied, or fixture:intune-small [default: none]
    #[arg(long, value_name = "NAME")]
    pub from: Option<String>,
    /// A command that gets the tenant by variables such as RUNSTATE_GRAPH_URL and RUNSTATE_TOKEN
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// The tenant that a command is about.
#[derive(Debug, Args)]
pub struct TwinTenant {
    /// The `id` of the tenant
    #[arg(value_name = "TENANT")]
    pub tenant: String,
}

/// Options of `twin fork`.
#[derive(Debug, Args)]
pub struct TwinForkOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    #[command(flatten)]
    pub new: TwinNewOptions,
}

/// Options of `twin reset`.
#[derive(Debug, Args)]
pub struct TwinResetOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    /// A snapshot [default: the contents at the start]
    #[arg(long, value_name = "SNAPSHOT")]
    pub to: Option<String>,
    /// What stays as it is, such as clock; may be repeated
    #[arg(long, value_name = "PART")]
    pub keep: Vec<String>,
}

/// Options of `twin snapshot`.
#[derive(Debug, Args)]
pub struct TwinSnapshotOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    /// The name of the snapshot
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Options of `twin delete`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct TwinDeleteOptions {
    /// The `id` of a tenant
    #[arg(value_name = "TENANT")]
    pub tenant: Option<String>,
    /// All tenants whose names begin so
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// A snapshot
    #[arg(long, value_name = "NAME")]
    pub snapshot: Option<String>,
    /// All tenants and snapshots
    #[arg(long)]
    pub all: bool,
}

/// Options of `twin token`.
#[derive(Debug, Args)]
pub struct TwinTokenOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    /// User principal name
    #[arg(long, value_name = "UPN")]
    pub user: Option<String>,
    /// The client id of the application
    #[arg(long, value_name = "GUID")]
    pub application: Option<String>,
    /// A delegated permission; may be repeated [default: all, unless there are roles]
    #[arg(long, value_name = "PERMISSION")]
    pub scope: Vec<String>,
    /// A role, which is an application's permission; may be repeated
    #[arg(long, value_name = "PERMISSION")]
    pub role: Vec<String>,
    /// How long the token is valid by the clock of the tenant [default: an hour]
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
    /// What is wrong with the token, such as expired or signature [default: nothing]
    #[arg(long, value_name = "WHAT")]
    pub spoil: Option<String>,
}

/// Options of `twin clock`.
#[derive(Debug, Args)]
pub struct TwinClockOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    /// Set the clock to a time, which is not before the one that it shows
    #[arg(long, value_name = "TIME", conflicts_with_all = ["advance"])]
    pub now: Option<String>,
    /// Virtual seconds in a real one from now on; 0 freezes the clock
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["advance"])]
    pub rate: Option<f64>,
    /// Advance the clock by a duration, such as 90s or P30D
    #[arg(long, value_name = "TIME")]
    pub advance: Option<String>,
}
