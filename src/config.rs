//! Every setting, its default and what it means. The only room that reads the environment.

#![expect(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the texts are shown by --help, where no markup is read"
)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

use crate::model::permission::Profile;

/// The command line: settings, which every command takes, and a command.
#[derive(Debug, Parser)]
#[command(name = "runstate", version, about, max_term_width = 100)]
pub struct Config {
    /// What every command takes.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do; `serve` where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Config {
    /// The configuration of this process; where the command line is wrong or asks for help, the
    /// process says so and ends.
    #[must_use]
    pub fn read() -> Self {
        Self::parse()
    }
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve Microsoft Graph (the default)
    Serve,
    /// Print a token of the local issuer
    Token(TokenOptions),
    /// Bring the database's schema up to date, and end
    Migrate,
    /// Set the counts of runs to what the rows say, should they ever differ, and end
    Recount(RecountOptions),
    /// Ask the server that runs on RUNSTATE_LISTEN whether it can serve; for health checks
    Health,
}

/// The settings, by flag or by environment.
#[derive(Debug, Args)]
pub struct Settings {
    /// PostgreSQL to use [default: one of our own, in the data directory]
    ///
    /// Such as postgres://user:password@host:5432/database.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// Address and port to serve on
    #[arg(long, env = "RUNSTATE_LISTEN", global = true, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Where the database of our own and the local issuer's key are kept
    #[arg(long, env = "RUNSTATE_DATA_DIR", global = true, default_value = ".runstate")]
    pub data_dir: PathBuf,

    /// Base of the links in replies, such as https://graph.example.com [default: the Host that
    /// the client used]
    #[arg(long, env = "RUNSTATE_PUBLIC_URL", global = true, value_name = "URL", value_parser = base)]
    pub public_url: Option<String>,

    /// Origins whose web pages may use the API, such as https://portal.example.com; several with
    /// commas between them [default: none]
    #[arg(
        long, env = "RUNSTATE_CORS_ORIGINS", global = true, value_name = "ORIGINS",
        value_delimiter = ',', value_parser = origin
    )]
    pub cors_origins: Vec<String>,

    /// JSON file of trusted issuers: a list of {"issuer", "audiences": [...], and one of
    /// "jwks_file", "jwks_uri", "discovery"}
    #[arg(long, env = "RUNSTATE_ISSUERS", global = true, value_name = "FILE")]
    pub issuers: Option<PathBuf>,

    /// Which edition of Graph's documents decides what a token must hold
    #[arg(long, env = "RUNSTATE_PERMISSIONS", global = true, default_value = "seed")]
    pub permissions: Permissions,

    /// Trust the local issuer, whose tokens `runstate token` prints [default: only where neither
    /// a database nor issuers are configured]
    #[arg(
        long, env = "RUNSTATE_LOCAL_ISSUER", global = true, value_name = "BOOLEAN",
        num_args = 0..=1, require_equals = true, default_missing_value = "true",
        value_parser = BoolishValueParser::new()
    )]
    pub local_issuer: Option<bool>,

    /// How the log is written, to stderr; RUST_LOG chooses what is in it
    #[arg(long, env = "RUNSTATE_LOG_FORMAT", global = true, default_value = "text")]
    pub log_format: LogFormat,
}

/// The forms of the log by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// A JSON object on each line
    Json,
}

/// The permission profiles by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Permissions {
    /// The founding edition: delegated DeviceManagementManagedDevices scopes only
    Seed,
    /// Today's edition: application roles as well
    Current,
}

/// What a token is to say.
#[derive(Debug, Args)]
pub struct TokenOptions {
    /// Tenant, a GUID
    #[arg(long, value_name = "GUID", default_value_t = FIRST_TENANT)]
    pub tenant: Uuid,
    /// User principal name of who is signed in
    #[arg(long, value_name = "UPN", conflicts_with = "app")]
    pub user: Option<String>,
    /// A delegated permission; may be repeated [default: those that let a user do everything in
    /// the profile, in seed DeviceManagementManagedDevices.ReadWrite.All]
    #[arg(long, value_name = "PERMISSION", conflicts_with = "app")]
    pub scope: Vec<String>,
    /// A role: an application's permission, or one of the user's; may be repeated
    #[arg(long, value_name = "PERMISSION")]
    pub role: Vec<String>,
    /// A token of an application's own, without a user
    #[arg(long)]
    pub app: bool,
    /// For how long the token holds: seconds, or a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    pub expires: Duration,
}

/// How to recount.
#[derive(Clone, Copy, Debug, Args)]
pub struct RecountOptions {
    /// Change nothing; print what differs, and fail if anything does
    #[arg(long)]
    pub check: bool,
}

/// The tenant of the local issuer's tokens, and of what a first start puts into the database.
pub const FIRST_TENANT: Uuid = Uuid::from_u128(0x7e57_0000_0000_4000_8000_0000_0000_0001);

impl From<Permissions> for Profile {
    fn from(permissions: Permissions) -> Self {
        match permissions {
            Permissions::Seed => Self::Seed,
            Permissions::Current => Self::Current,
        }
    }
}

impl Settings {
    /// Whether the local issuer is trusted: by name, or where nothing else is configured.
    #[must_use]
    pub fn trusts_local_issuer(&self) -> bool {
        self.local_issuer.unwrap_or(self.database_url.is_none() && self.issuers.is_none())
    }
}

/// `https://host[:port]`, without what would follow.
fn base(text: &str) -> Result<String, String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |rest: &str| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\"<>\\{}".contains(&byte))
    };
    match rest {
        Some(rest) if plain(rest) => Ok(text.into()),
        _ => Err("must be http:// or https://, a host, and at most a port and a path".into()),
    }
}

/// `https://host[:port]` as a browser writes it in `Origin`, since it is compared as it stands.
fn origin(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._:[]".contains(&byte);
    match rest {
        Some(rest) if !rest.is_empty() && rest.bytes().all(is_plain) => Ok(text.into()),
        _ => Err("must be http:// or https://, a host in lower case, and at most a port".into()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
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
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Config::command().debug_assert();
    }

    #[test]
    fn a_base_has_a_scheme_and_a_host() {
        assert_eq!(base("https://graph.example.com/"), Ok("https://graph.example.com".into()));
        for wrong in ["graph.example.com", "ftp://x", "http://", "http://a b", "http://a?b"] {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for origin_text in ["https://a.example", "http://localhost:3000", "http://[::1]:80"] {
            assert_eq!(origin(origin_text), Ok(origin_text.into()));
        }
        let wrong =
            ["*", "null", "a.example", "https://", "https://A", "https://a/", "https://*.a"];
        for wrong in wrong {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

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
