//! The checks that need no database. They look at settings, at files, and at what was asked of a running
//! server; they ask nobody themselves.

mod addresses;
mod certificates;
mod issuers;
mod machine;

use crate::auth::ConfigError;
use crate::config::Settings;
use crate::findings::Finding;
pub(super) use machine::Fullness;

type Check = fn(&Installation<'_>) -> Finding;

/// Each check with its name, which is that of its function.
pub(super) const CHECKS: &[(&str, Check)] = &[
    ("program", machine::program),
    ("server", machine::server),
    ("open files", machine::open_files),
    ("data directory", machine::data_directory),
    ("addresses", addresses::addresses),
    ("public url", addresses::public_url),
    ("proxies", addresses::proxies),
    ("test twin", addresses::test_twin),
    ("certificate", certificates::certificate),
    ("authority", certificates::authority),
    ("impersonation", certificates::impersonation),
    ("local issuer", issuers::local_issuer),
    ("issuers", issuers::issuers),
];

/// What is checked, besides the database.
#[derive(Debug)]
pub struct Installation<'a> {
    pub settings: &'a Settings,
    /// Status and text with which the server on this machine answers `/health/ready`, or why it does not
    /// answer.
    pub server: Result<(u16, String), String>,
    /// The page of the server's metrics, if it has one.
    pub metrics: Option<String>,
    /// The configured issuers.
    pub issuers: Result<Vec<IssuerKeys>, ConfigError>,
    /// How many files a server may have open.
    pub wanted_files: u64,
}

/// The keys of a configured issuer.
#[derive(Debug)]
pub struct IssuerKeys {
    pub issuer: String,
    /// How many can be used, or why they cannot be read.
    pub count: Result<usize, String>,
}

impl Installation<'_> {
    /// The samples of a metric of the running server: the labels of each, and its value.
    fn samples<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
        let lines = self.metrics.iter().flat_map(|page| page.lines());
        lines.filter_map(move |line| {
            let (labels, value) = line.strip_prefix(name)?.rsplit_once(' ')?;
            Some((labels, value.parse().ok()?))
        })
    }
}
