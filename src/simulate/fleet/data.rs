//! The lists of `data/fleet.toml`: sites, models, builds and names of people.

use std::sync::LazyLock;

use serde::Deserialize;

static DATA: LazyLock<Result<Data, toml::de::Error>> =
    LazyLock::new(|| toml::from_str(include_str!("../data/fleet.toml")));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pub(super) sites: Vec<Site>,
    pub(super) models: Vec<Model>,
    pub(super) builds: Vec<Build>,
    pub(super) people: People,
}

impl Data {
    /// The lists, which are read once.
    pub(super) fn get() -> Result<&'static Self, toml::de::Error> {
        DATA.as_ref().map_err(Clone::clone)
    }
}

/// A place where devices are. It is the category of its devices.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulate) struct Site {
    /// The beginning of the names of devices.
    pub(in crate::simulate) code: String,
    pub(in crate::simulate) name: String,
    /// The difference of its clock from UTC.
    pub(in crate::simulate) hours: i32,
    pub(super) weight: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulate) struct Model {
    pub(in crate::simulate) manufacturer: String,
    pub(in crate::simulate) model: String,
    pub(in crate::simulate) chassis: Chassis,
    pub(super) serial: String,
    /// In GiB.
    memory: u64,
    /// In GiB.
    storage: u64,
    pub(super) weight: f64,
    #[serde(default)]
    pub(super) platform: Platform,
}

impl Model {
    /// In bytes.
    pub(in crate::simulate) fn memory(&self) -> u64 {
        self.memory << 30
    }

    /// In bytes.
    pub(in crate::simulate) fn storage(&self) -> u64 {
        self.storage << 30
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulate) struct Build {
    pub(in crate::simulate) version: String,
    pub(super) weight: f64,
    #[serde(default)]
    pub(super) platform: Platform,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct People {
    pub(super) given: Vec<String>,
    pub(super) family: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::simulate) enum Chassis {
    Laptop,
    Desktop,
    Tablet,
    Virtual,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(in crate::simulate) enum Platform {
    #[default]
    Windows,
    #[serde(rename = "macOS")]
    Mac,
}
