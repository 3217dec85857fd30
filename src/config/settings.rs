//! Every setting that all commands take, its default and what it means.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};

use super::listen::{OptionalListen, listen_address};
use super::tenants::{TenantList, part_name};
use super::tls::TlsSettings;
use super::twin::TwinSettings;
use super::url::{base, origin};
use crate::model::permission::Profile;
use crate::proxies::Network;
use crate::retention::HistoryDays;

/// The port of the metrics on a first run: that of OpenTelemetry's exporters for Prometheus.
const FIRST_METRICS_PORT: u16 = 9464;

/// The settings, by flag or by environment.
#[derive(Debug, Args)]
pub struct Settings {
    /// PostgreSQL database, such as postgres://user:password@host:5432/database, or with a standby
    /// postgres://user:password@host:5432,other:5432/database. Prefer the environment variable: the
    /// command line is visible to other users
    /// [default: a PostgreSQL of its own, in the data directory]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// Address and port to listen on; port 0 chooses a free one
    #[arg(
        long,
        env = "RUNSTATE_LISTEN",
        global = true,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: SocketAddr,

    /// The settings of HTTPS.
    #[command(flatten)]
    pub tls: TlsSettings,

    /// Address and port to listen on for metrics in the format of Prometheus, at /metrics, or `off`;
    /// whoever reaches it may read them
    /// [default: 127.0.0.1:9464 if the server has its own PostgreSQL and trusts the local issuer, else off]
    #[arg(long, env = "RUNSTATE_METRICS_LISTEN", global = true, value_name = "ADDRESS")]
    pub metrics_listen: Option<OptionalListen>,

    /// Directory of the local issuer's key, of the development certificates and of the server's own
    /// PostgreSQL
    #[arg(
        long,
        env = "RUNSTATE_DATA_DIR",
        global = true,
        value_name = "DIRECTORY",
        default_value = ".runstate"
    )]
    pub data_dir: PathBuf,

    /// Start of the links in replies, such as https://graph.example.com [default: http:// or https://
    /// and the Host header of the request]
    #[arg(long, env = "RUNSTATE_PUBLIC_URL", global = true, value_name = "URL", value_parser = base)]
    pub public_url: Option<String>,

    /// Proxies whose headers X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are read:
    /// addresses and networks, such as 10.0.0.7,10.1.0.0/16, separated by commas [default: none]
    #[arg(
        long,
        env = "RUNSTATE_TRUSTED_PROXIES",
        global = true,
        value_name = "NETWORKS",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<Network>,

    /// Origins whose web pages may use the API, such as https://portal.example.com, separated by
    /// commas and compared exactly [default: none]
    #[arg(
        long, env = "RUNSTATE_CORS_ORIGINS", global = true, value_name = "ORIGINS",
        value_delimiter = ',', value_parser = origin
    )]
    pub cors_origins: Vec<String>,

    /// JSON file with the issuers whose tokens are trusted [default: none]
    #[arg(long, env = "RUNSTATE_ISSUERS", global = true, value_name = "FILE")]
    pub issuers: Option<PathBuf>,

    /// The tenants that this server serves, where others are served elsewhere: GUIDs separated by
    /// commas, or a file with one on each line, which is read again when it changes and on SIGHUP
    /// [default: all]
    #[arg(long, env = "RUNSTATE_TENANTS", global = true, value_name = "TENANTS")]
    pub tenants: Option<TenantList>,

    /// The part that this server belongs to, where the file of RUNSTATE_TENANTS is one for all parts and
    /// has the name of a part after each tenant [default: none]
    #[arg(
        long, env = "RUNSTATE_PART", global = true, value_name = "NAME", value_parser = part_name
    )]
    pub part: Option<String>,

    /// Which edition of Graph's documentation decides the permissions that a token needs
    /// [default: either if the local issuer is trusted and no others are, else seed]
    #[arg(long, env = "RUNSTATE_PERMISSIONS", global = true, value_name = "PROFILE")]
    pub permissions: Option<Permissions>,

    /// Trust the tokens of `runstate token` [default: true if neither a database nor issuers are
    /// configured, else false]
    #[arg(
        long, env = "RUNSTATE_LOCAL_ISSUER", global = true, value_name = "BOOLEAN",
        num_args = 0..=1, require_equals = true, default_missing_value = "true",
        value_parser = BoolishValueParser::new()
    )]
    pub local_issuer: Option<bool>,

    /// For how many days the earlier versions of a run state are kept, where a tenant has no policy of
    /// its own: 0, 7, 30, 90, 365 or forever
    #[arg(
        long,
        env = "RUNSTATE_HISTORY_DAYS",
        global = true,
        value_name = "DAYS",
        default_value_t
    )]
    pub history_days: HistoryDays,

    /// Show what Graph does not have: the history of run states, and retention policies. Without it, the
    /// server is like Graph, and keeps the history all the same
    #[arg(
        long, env = "RUNSTATE_EXTENSIONS", global = true, value_name = "BOOLEAN",
        default_value = "true", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", value_parser = BoolishValueParser::new()
    )]
    pub extensions: bool,

    /// The settings of the test twin.
    #[command(flatten)]
    pub twin: TwinSettings,

    /// Serve the console, a web page that reads and changes with the rights of its user alone
    #[arg(
        long, env = "RUNSTATE_CONSOLE", global = true, value_name = "BOOLEAN",
        default_value = "true", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", value_parser = BoolishValueParser::new()
    )]
    pub console: bool,

    /// Format of the log, which goes to stderr; RUST_LOG chooses what is logged
    #[arg(
        long,
        env = "RUNSTATE_LOG_FORMAT",
        global = true,
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,
}

/// The forms of the log by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// lines for people
    Text,
    /// a JSON object on each line
    Json,
}

/// The permission profiles by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Permissions {
    /// the first edition, with delegated permissions only
    Seed,
    /// today's edition, with application roles as well
    Current,
    /// what one of the two permits
    Either,
}

impl From<Permissions> for Profile {
    fn from(permissions: Permissions) -> Self {
        match permissions {
            Permissions::Seed => Self::Seed,
            Permissions::Current => Self::Current,
            Permissions::Either => Self::Either,
        }
    }
}

impl Settings {
    /// Whether the local issuer is trusted: by name, or where nothing else is configured.
    #[must_use]
    pub fn trusts_local_issuer(&self) -> bool {
        self.local_issuer.unwrap_or(self.database_url.is_none() && self.issuers.is_none())
    }

    /// Where HTTPS is served, if it is: where it is asked for, and on a first run, with the server's
    /// own PostgreSQL and the local issuer.
    #[must_use]
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls.address(self.listen, self.is_first_run())
    }

    /// Where metrics are served, if they are.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        listen_address(self.metrics_listen, self.listen, FIRST_METRICS_PORT, self.is_first_run())
    }

    /// Whether the server has its own PostgreSQL and the local issuer, as where nothing is configured.
    fn is_first_run(&self) -> bool {
        self.database_url.is_none() && self.trusts_local_issuer()
    }

    /// The permission profile: by name, or by the issuers. Whoever starts with the local issuer alone
    /// gets the profile in which the clients of both editions work.
    #[must_use]
    pub fn profile(&self) -> Profile {
        match self.permissions {
            Some(permissions) => permissions.into(),
            None if self.trusts_local_issuer() && self.issuers.is_none() => Profile::Either,
            None => Profile::Seed,
        }
    }
}
