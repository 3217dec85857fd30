//! The settings of a tenant, from the control API. Stored as JSON with the tenant, so that a server that
//! starts again knows it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::members::Words;
use crate::clock::Course;
use crate::model::permission::Profile;

/// The text from which seeded ids follow. It is the same for all tenants, so that a test has the same
/// ids in each run.
const SEED: &str = "runstate";

/// The settings of a tenant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Settings {
    pub name: Option<String>,
    /// The name of the permission profile.
    pub permissions: String,
    /// Whether ids are the same in each run.
    pub has_seeded_ids: bool,
    /// The clock at the start; `None` for the real time.
    pub clock: Option<StartClock>,
    /// Whether a request may ask for a fault by a header.
    #[serde(default)]
    pub header_faults: bool,
    /// Whether requests are recorded.
    #[serde(default = "yes")]
    pub records: bool,
    /// The JSON of each rule at the start.
    #[serde(default)]
    pub rules: Vec<String>,
    /// The JSON of the throttle at the start.
    #[serde(default)]
    pub throttle: Option<String>,
    /// How many copies lie between the contents at the start and a tenant that began empty.
    #[serde(default)]
    pub generation: u32,
}

/// What is stored with a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SnapshotSettings {
    /// The clock of the tenant when the snapshot was made; `None` for the real time.
    #[serde(flatten)]
    pub clock: Option<StartClock>,
    /// The generation of the contents, as a tenant has it.
    #[serde(default)]
    pub generation: u32,
}

fn yes() -> bool {
    true
}

/// The clock of a new tenant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartClock {
    /// Microseconds since 1970.
    pub at: i64,
    /// Virtual seconds in a real second.
    pub rate: f64,
}

impl Settings {
    /// The permission profile.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let mut profiles = PROFILES.iter();
        let own = profiles.find(|(name, _)| *name == self.permissions);
        own.map_or(Profile::Seed, |(_, profile)| *profile)
    }

    /// The seed of the ids in a generation, if they have one. A copy has the ids of its original, so new
    /// ones must not follow from the same seed.
    #[must_use]
    pub fn seed(&self, generation: u32) -> Option<String> {
        self.has_seeded_ids.then(|| match generation {
            0 => SEED.to_owned(),
            _ => format!("{SEED}\n{generation}"),
        })
    }
}

impl StartClock {
    /// A clock that shows a time.
    #[must_use]
    pub fn new(at: DateTime<Utc>, rate: f64) -> Self {
        Self { at: at.timestamp_micros(), rate }
    }

    /// What a clock shows now.
    #[must_use]
    pub fn of_course(course: Course) -> Self {
        Self::new(course.at_real(Utc::now()), course.rate)
    }

    /// The course of a clock that is set now.
    #[must_use]
    pub fn started(self) -> Course {
        let since = Utc::now().timestamp_micros();
        course(self.at, since, self.rate)
    }
}

/// A course whose times are microseconds since 1970.
pub(super) fn course(at: i64, since: i64, rate: f64) -> Course {
    let time = |micros| DateTime::from_timestamp_micros(micros).unwrap_or_default();
    Course { at: time(at), since: time(since), rate }
}

/// The permission profiles, with their names in the control API.
pub const PROFILES: Words<Profile> =
    &[("seed", Profile::Seed), ("current", Profile::Current), ("either", Profile::Either)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_snapshot_are_read_as_this_version_and_0_1_0_wrote_them() {
        let clock = Some(StartClock { at: 5, rate: 0.5 });
        for settings in [
            SnapshotSettings { clock, generation: 2 },
            SnapshotSettings { clock: None, generation: 2 },
        ] {
            let written = serde_json::to_string(&settings).unwrap();
            assert_eq!(serde_json::from_str::<SnapshotSettings>(&written).unwrap(), settings);
        }
        let read = serde_json::from_str::<SnapshotSettings>(r#"{"at":5,"rate":0.5}"#).unwrap();
        assert_eq!(read, SnapshotSettings { clock, generation: 0 });
    }
}
