//! The options of `simulate`. What the command line leaves out comes from the profile.

mod choices;

use std::path::PathBuf;

use clap::Args;
use uuid::Uuid;

pub use choices::{AgentOption, CodesOption, IncidentOption, ReportOption};

use super::command::duration;
use crate::simulate::{AgentRules, Codes, Incident, Profile};

/// Options of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateOptions {
    /// URL of the server [default: http:// and the address of RUNSTATE_LISTEN]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,

    /// A bearer token, as RUNSTATE_TOKEN, which is not renewed. Prefer the environment variable: the
    /// command line is visible to other users [default: tokens of the data directory's local issuer;
    /// with --server, tokens by the client credentials, if there are any]
    #[arg(long, env = "RUNSTATE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub token: Option<String>,

    /// The tenant of the tokens of the local issuer [default: the tenant of the first start]
    #[arg(long, value_name = "GUID", conflicts_with = "token")]
    pub tenant: Option<Uuid>,

    /// The client credentials.
    #[command(flatten)]
    pub client: ClientOptions,

    /// How many devices there are [default: 5000]
    #[arg(long, value_name = "NUMBER")]
    pub devices: Option<u32>,

    /// How many scripts each device runs; Windows and macOS have scripts of their own [default: 12]
    #[arg(long, value_name = "NUMBER")]
    pub scripts: Option<u8>,

    /// How many users there are for each device, from 0 to 1 [default: 0.8/device]
    #[arg(long, value_name = "SHARE", value_parser = per_device)]
    pub users: Option<f64>,

    /// The share of devices that several users have [default: 3%]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub shared: Option<f64>,

    /// What decides the fleet and everything that happens [default: 7]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// The start of the virtual time, such as 2026-11-23T06:00:00Z [default: so that the virtual time
    /// ends when the simulation begins]
    #[arg(long, value_name = "DATE-TIME")]
    pub start: Option<String>,

    /// The length of the virtual time [default: 3]
    #[arg(long, value_name = "NUMBER", conflicts_with = "storm")]
    pub days: Option<u32>,

    /// How many virtual hours pass in a second; 0 for as fast as the server answers [default: 4]
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["storm", "rate"])]
    pub hours_per_second: Option<f64>,

    /// All devices check in once, within this real time, such as 10m
    #[arg(long, value_name = "TIME", value_parser = seconds, conflicts_with = "rate")]
    pub storm: Option<u32>,

    /// Reports per second, whether the server keeps up or not, such as 2000/s
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<f64>,

    /// How many connections report side by side [default: 192]
    #[arg(long, value_name = "NUMBER")]
    pub connections: Option<usize>,

    /// Whose rules the agents follow [default: observed]
    #[arg(long, value_name = "RULES")]
    pub agent: Option<AgentOption>,

    /// Which error codes failed runs have [default: rich]
    #[arg(long, value_name = "CODES")]
    pub codes: Option<CodesOption>,

    /// A failure that appears on the second day [default: none]
    #[arg(long, value_name = "INCIDENT")]
    pub incident: Option<IncidentOption>,

    /// Report each run as pending when it starts, which Graph's agent does not
    #[arg(long)]
    pub report_pending: bool,

    /// Leave out requests that are refused, and go on
    #[arg(long)]
    pub keep_going: bool,

    /// Whether to compare the server's states with the acknowledged reports at the end [default: true]
    #[arg(long, value_name = "BOOLEAN")]
    pub then_verify: Option<bool>,

    /// The form of the report, which goes to stdout
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub report: ReportOption,

    /// Show no progress
    #[arg(long)]
    pub quiet: bool,

    /// TOML file with the parameters and the mix of the fleet; options of the command line win
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,

    /// Print the profile as TOML, and do nothing else
    #[arg(long, conflicts_with_all = ["dry_run", "clean"])]
    pub print_profile: bool,

    /// Print each request as a line of JSON, and send none
    #[arg(long, conflicts_with = "clean")]
    pub dry_run: bool,

    /// Delete the scripts and devices that simulations with this seed made, and nothing else
    #[arg(long)]
    pub clean: bool,
}

/// The client credentials, as the Azure SDKs name them.
#[derive(Debug, Args)]
pub struct ClientOptions {
    /// The tenant of the application, as AZURE_TENANT_ID
    #[arg(id = "azure_tenant", long = "azure-tenant", env = "AZURE_TENANT_ID", value_name = "ID")]
    pub tenant: Option<String>,

    /// The application, as AZURE_CLIENT_ID
    #[arg(long, env = "AZURE_CLIENT_ID", value_name = "ID")]
    pub client_id: Option<String>,

    /// The secret of the application, as AZURE_CLIENT_SECRET. Prefer the environment variable: the
    /// command line is visible to other users
    #[arg(long, env = "AZURE_CLIENT_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub client_secret: Option<String>,

    /// Where the application gets its tokens, without the tenant, as AZURE_AUTHORITY_HOST
    #[arg(
        long,
        env = "AZURE_AUTHORITY_HOST",
        value_name = "URL",
        default_value = "https://login.microsoftonline.com"
    )]
    pub authority: String,
}

impl SimulateOptions {
    /// A profile with the values of the command line, where there are any.
    #[must_use]
    pub fn over(&self, mut profile: Profile) -> Profile {
        fn set<T: Clone>(value: &mut T, option: Option<&T>) {
            if let Some(option) = option {
                value.clone_from(option);
            }
        }
        set(&mut profile.devices, self.devices.as_ref());
        set(&mut profile.scripts, self.scripts.as_ref());
        set(&mut profile.users_per_device, self.users.as_ref());
        set(&mut profile.shared, self.shared.as_ref());
        set(&mut profile.seed, self.seed.as_ref());
        set(&mut profile.days, self.days.as_ref());
        set(&mut profile.hours_per_second, self.hours_per_second.as_ref());
        set(&mut profile.connections, self.connections.as_ref());
        set(&mut profile.agent, self.agent.map(AgentRules::from).as_ref());
        set(&mut profile.codes, self.codes.map(Codes::from).as_ref());
        set(&mut profile.incident, self.incident.map(Incident::from).as_ref());
        set(&mut profile.then_verify, self.then_verify.as_ref());
        if self.start.is_some() {
            profile.start.clone_from(&self.start);
        }
        // One kind of load replaces the others.
        if self.storm.is_some() || self.rate.is_some() || self.hours_per_second.is_some() {
            (profile.storm_seconds, profile.rate) = (self.storm, self.rate);
        }
        profile.report_pending |= self.report_pending;
        profile.keep_going |= self.keep_going;
        profile
    }
}

/// `0.8/device` or `0.8`.
fn per_device(text: &str) -> Result<f64, String> {
    number(text.strip_suffix("/device").unwrap_or(text), "a number such as 0.8/device")
}

/// `3%` as a share of 1.
fn percent(text: &str) -> Result<f64, String> {
    let what = "a percentage such as 3%";
    let text = text.strip_suffix('%').ok_or_else(|| format!("must be {what}"))?;
    Ok(number(text, what)? / 100.0)
}

/// `2000/s` or `2000`.
fn rate(text: &str) -> Result<f64, String> {
    number(text.strip_suffix("/s").unwrap_or(text), "a number such as 2000/s")
}

fn number(text: &str, what: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("must be {what}"))
}

fn seconds(text: &str) -> Result<u32, String> {
    let seconds = duration(text)?.as_secs();
    u32::try_from(seconds).map_err(|_| "is too long".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_rates_have_units() {
        assert_eq!(per_device("0.8/device"), Ok(0.8));
        assert_eq!(percent("3%"), Ok(0.03));
        assert_eq!(rate("2000/s"), Ok(2000.0));
        assert_eq!(seconds("10m"), Ok(600));
        assert!(percent("3").is_err() && rate("2000/m").is_err() && per_device("x").is_err());
    }

    #[test]
    fn the_version_names_the_generator() {
        let generator = crate::simulate::GENERATOR;
        let end = format!("generator of simulated fleets: {generator}");
        assert!(crate::config::LONG_VERSION.ends_with(&end));
    }
}
