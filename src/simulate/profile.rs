//! The parameters of a simulation, as the command line or a TOML file gives them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Failure;
use super::catalog::MAX_SCRIPTS;
use super::fleet::Mix;

/// The version of the generator: the same version makes the same fleet of the same parameters.
pub const GENERATOR: u32 = 2;
/// The most devices. Ids have room for more; a machine's memory does not.
const MAX_DEVICES: u32 = 5_000_000;
/// The most days of virtual time. Their milliseconds fit into 32 bits.
const MAX_DAYS: u32 = 40;
/// The most connections. Each one is an open file here and on the server.
const MAX_CONNECTIONS: usize = 1_000;
/// The longest storm.
const MAX_STORM_SECONDS: u32 = 24 * 60 * 60;

/// All parameters of a simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// [`GENERATOR`]; another version is refused.
    pub generator: u32,
    pub devices: u32,
    /// The scripts of each platform.
    pub scripts: u8,
    pub users_per_device: f64,
    pub shared: f64,
    pub seed: u64,
    /// The start of the virtual time, in RFC 3339. Without it, the virtual time ends when the
    /// simulation begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    pub days: u32,
    /// Virtual hours in a second; 0 for as fast as the server answers.
    pub hours_per_second: f64,
    /// All devices report once, within this number of seconds of real time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storm_seconds: Option<u32>,
    /// Reports per second, whether the server keeps up or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    pub connections: usize,
    pub agent: AgentRules,
    pub codes: Codes,
    pub incident: Incident,
    pub report_pending: bool,
    /// Go on after a request that is refused.
    pub keep_going: bool,
    pub then_verify: bool,
    pub mix: Mix,
}

/// Whose rules the agents follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentRules {
    /// What has been observed of devices.
    #[default]
    Observed,
    /// What Microsoft's documentation says.
    Documented,
}

/// Which error codes failed runs have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Codes {
    /// The code and the description of the cause.
    #[default]
    Rich,
    /// 99 and no description, as Intune's agent has been observed to report.
    Intune,
}

/// A failure that appears on the second day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Incident {
    #[default]
    None,
    Tpm,
    Timeout,
    Vpn,
    BadScript,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            generator: GENERATOR,
            devices: 5_000,
            scripts: 12,
            users_per_device: 0.8,
            shared: 0.03,
            seed: 7,
            start: None,
            days: 3,
            hours_per_second: 4.0,
            storm_seconds: None,
            rate: None,
            connections: 192,
            agent: AgentRules::default(),
            codes: Codes::default(),
            incident: Incident::default(),
            report_pending: false,
            keep_going: false,
            then_verify: true,
            mix: Mix::default(),
        }
    }
}

impl Profile {
    /// Reads a TOML file. What it leaves out has its default.
    ///
    /// # Errors
    /// If the file cannot be read, or has an unknown name or a value of a wrong type.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let fail = |problem: String| Failure::Refused(format!("{}: {problem}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| fail(error.to_string()))?;
        toml::from_str(&text).map_err(|error: toml::de::Error| {
            let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count());
            let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            fail(format!("{line}{}", error.message()))
        })
    }

    /// The profile as a TOML file.
    ///
    /// # Errors
    /// If a value has no form in TOML.
    pub fn to_toml(&self) -> Result<String, Failure> {
        toml::to_string(self).map_err(|error| Failure::Refused(error.to_string()))
    }

    /// Refuses values that are out of range, by name.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        let mix = &self.mix;
        let checks = [
            (self.generator == GENERATOR, "generator", format!("{GENERATOR}")),
            ((1..=MAX_DEVICES).contains(&self.devices), "devices", format!("1 to {MAX_DEVICES}")),
            ((1..=MAX_SCRIPTS).contains(&self.scripts), "scripts", format!("1 to {MAX_SCRIPTS}")),
            (is_share(self.users_per_device), "users", "0 to 1 for each device".into()),
            (is_share(self.shared), "shared", "0 to 100 %".into()),
            ((1..=MAX_DAYS).contains(&self.days), "days", format!("1 to {MAX_DAYS}")),
            (
                (0.0..=1e6).contains(&self.hours_per_second),
                "hours-per-second",
                "0 to 1000000".into(),
            ),
            (
                self.storm_seconds.is_none_or(|storm| (1..=MAX_STORM_SECONDS).contains(&storm)),
                "storm",
                "1s to 24h".into(),
            ),
            (
                self.rate.is_none_or(|rate| (0.001..=1e6).contains(&rate)),
                "rate",
                "0.001/s to 1000000/s".into(),
            ),
            (
                self.storm_seconds.is_none() || self.rate.is_none(),
                "rate",
                "absent with storm".into(),
            ),
            (
                (1..=MAX_CONNECTIONS).contains(&self.connections),
                "connections",
                format!("1 to {MAX_CONNECTIONS}"),
            ),
            (
                [mix.macs, mix.silent, mix.remote, mix.always_on, mix.full_disks]
                    .into_iter()
                    .all(is_share),
                "mix",
                "shares from 0 to 1".into(),
            ),
        ];
        match checks.into_iter().find(|(is_right, ..)| !is_right) {
            None => Ok(()),
            Some((_, name, right)) => Err(Failure::Refused(format!("{name} must be {right}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_is_printed_is_read_back_as_it_was() {
        let profile = Profile {
            seed: 9,
            start: Some("2026-11-23T06:00:00Z".into()),
            storm_seconds: Some(600),
            incident: Incident::BadScript,
            ..Profile::default()
        };
        let text = profile.to_toml().unwrap();
        assert_eq!(toml::from_str::<Profile>(&text).unwrap(), profile);
        assert!(text.contains("incident = \"bad-script\"\n"), "{text}");
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        Profile::default().check().unwrap();
        let base = Profile::default;
        for (profile, name) in [
            (Profile { devices: 0, ..base() }, "devices must be 1 to"),
            (Profile { scripts: 201, ..base() }, "scripts must be 1 to 200"),
            (Profile { shared: 1.1, ..base() }, "shared must be"),
            (Profile { users_per_device: f64::NAN, ..base() }, "users must be"),
            (Profile { days: 41, ..base() }, "days must be 1 to 40"),
            (Profile { generator: 1, ..base() }, "generator must be 2"),
            (Profile { connections: 0, ..base() }, "connections must be"),
            (Profile { storm_seconds: Some(1), rate: Some(1.0), ..base() }, "rate must be absent"),
            (Profile { mix: Mix { macs: -0.1, ..Mix::default() }, ..base() }, "mix must be"),
        ] {
            let error = profile.check().unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
    }
}
