//! The scripts that the fleet runs, and why they fail: `data/windows.toml` and `data/macos.toml`. It
//! knows devices only as far as a cause depends on them.

mod record;

use serde::Deserialize;

use super::fleet::{Chassis, Device, Platform};
use super::profile::Incident;

/// The most scripts that a platform has.
pub(super) const MAX_SCRIPTS: u8 = 200;
/// When the revision of an incident is assigned, as a share of the run.
const INCIDENT_AT: f64 = 0.45;

/// A script.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Script {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) file: String,
    #[serde(default)]
    pub(super) run_as: Account,
    /// Half of the runs take less.
    pub(super) seconds: f64,
    /// When it is assigned, as a share of the run of the simulation.
    #[serde(default)]
    pub(super) rollout: f64,
    /// When its second version is assigned, which every device runs again.
    pub(super) revised: Option<f64>,
    /// How often macOS repeats a failed run.
    #[serde(default)]
    pub(super) retries: u8,
    /// The type of the value, for a custom attribute.
    pub(super) attribute: Option<String>,
    pub(super) success: Vec<String>,
    pub(super) body: String,
    #[serde(default)]
    pub(super) causes: Vec<Cause>,
    #[serde(skip)]
    pub(super) platform: Platform,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Account {
    #[default]
    System,
    User,
}

/// Why a script fails.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Cause {
    #[serde(default)]
    when: Condition,
    /// The share of runs that fail on the devices of the condition.
    share: f64,
    /// The share of runs that fail on other devices.
    #[serde(default)]
    elsewhere: f64,
    /// The probability that the cause is gone at the next run of the same version.
    #[serde(default)]
    pub(super) heals: f64,
    /// Whether the second version of the script does not have it.
    #[serde(default)]
    fixed_by_revision: bool,
    /// Whether the first version of the script does not have it.
    #[serde(default)]
    since_revision: bool,
    /// Whether the script runs until it is stopped.
    #[serde(default)]
    pub(super) is_timeout: bool,
    #[serde(default = "Cause::usual_state")]
    pub(super) state: String,
    #[serde(deserialize_with = "record::code")]
    pub(super) code: i32,
    pub(super) description: String,
    text: String,
    /// The line of the script that failed.
    line: Option<String>,
    /// The id of the error record.
    error: Option<String>,
    /// The text in the form of the shell.
    #[serde(skip)]
    pub(super) record: String,
}

/// What devices and runs a cause concerns. What is absent does not matter.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Condition {
    models: Vec<String>,
    sites: Vec<String>,
    builds: Vec<String>,
    chassis: Option<Chassis>,
    full_disk: Option<bool>,
    remote: Option<bool>,
    /// From which to which share of the run of the simulation.
    from: Option<f64>,
    until: Option<f64>,
}

/// A file of `data`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scripts {
    scripts: Vec<Script>,
    combinations: Combinations,
    #[serde(default)]
    incidents: Vec<NamedIncident>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Combinations {
    verbs: Vec<String>,
    subjects: Vec<String>,
    script: Script,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedIncident {
    name: Incident,
    script: String,
    cause: Cause,
}

/// The scripts of the simulation: as many for each platform.
pub(super) fn scripts(
    number: u8,
    has_macs: bool,
    incident: Incident,
) -> Result<Vec<Script>, toml::de::Error> {
    let mut scripts = Vec::new();
    let files = [
        (Platform::Windows, include_str!("data/windows.toml")),
        (Platform::Mac, include_str!("data/macos.toml")),
    ];
    for (platform, text) in files {
        if platform == Platform::Windows || has_macs {
            let file: Scripts = toml::from_str(text)?;
            scripts.extend(file.take(number, platform, incident));
        }
    }
    Ok(scripts)
}

impl Scripts {
    fn take(self, number: u8, platform: Platform, incident: Incident) -> Vec<Script> {
        let Self { scripts, combinations, incidents } = self;
        let more = combinations.scripts();
        let mut scripts: Vec<Script> =
            scripts.into_iter().chain(more).take(usize::from(number)).collect();
        for script in &mut scripts {
            script.platform = platform;
            let incidents = incidents.iter().filter(|it| it.name == incident);
            for named in incidents.filter(|named| named.script == script.name) {
                script.revised = Some(INCIDENT_AT);
                let cause = Cause { since_revision: true, ..named.cause.clone() };
                script.causes.insert(0, cause);
            }
            for cause in &mut script.causes {
                cause.record = record::record(cause, &script.body);
            }
        }
        scripts
    }
}

impl Combinations {
    /// Each subject with each verb, so that the first scripts have different subjects.
    fn scripts(self) -> impl Iterator<Item = Script> {
        let Self { verbs, subjects, script } = self;
        let pairs = verbs.into_iter().flat_map(move |verb| {
            subjects.clone().into_iter().map(move |subject| format!("{verb} {subject}"))
        });
        pairs.map(move |name| Script { name, ..script.clone() })
    }
}

impl Script {
    /// Whether a device runs it at all.
    pub(super) fn is_for(&self, device: &Device) -> bool {
        self.platform == device.platform
    }

    /// The navigation property of its family.
    pub(super) fn entity_set(&self) -> &'static str {
        match (self.platform, &self.attribute) {
            (Platform::Windows, _) => "deviceManagementScripts",
            (Platform::Mac, None) => "deviceShellScripts",
            (Platform::Mac, Some(_)) => "deviceCustomAttributeShellScripts",
        }
    }
}

impl Cause {
    fn usual_state() -> String {
        "fail".into()
    }

    /// The probability that a run fails for this cause. `moment` is the share of the simulation's run
    /// that is over.
    pub(super) fn probability(&self, device: &Device, revision: u8, moment: f64) -> f64 {
        match revision {
            0 if self.since_revision => 0.0,
            1.. if self.fixed_by_revision => 0.0,
            _ if !self.when.is_in_time(moment) => 0.0,
            _ if self.when.concerns(device) => self.share,
            _ => self.elsewhere,
        }
    }
}

impl Condition {
    fn concerns(&self, device: &Device) -> bool {
        let has = |list: &[String], value: &String| list.is_empty() || list.contains(value);
        has(&self.models, &device.model.model)
            && has(&self.sites, &device.site.name)
            && has(&self.builds, &device.build.version)
            && self.chassis.is_none_or(|chassis| chassis == device.model.chassis)
            && self.full_disk.is_none_or(|full| full == device.has_full_disk())
            && self.remote.is_none_or(|remote| remote == device.is_remote)
    }

    fn is_in_time(&self, moment: f64) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.until.is_none_or(|until| moment < until)
    }
}

#[cfg(test)]
mod tests;
