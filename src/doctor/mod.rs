//! The diagnosis of an installation: a table of checks, each a function that returns a finding, and the
//! report of all findings. It changes nothing, and prints no secret. Knows no command line.
//!
//! To add a check, write its function and add it to a table: to [`installation`] if it needs no
//! database, else to [`database`]. The documentation is generated from the functions.

mod database;
mod installation;
mod report;

use sqlx::postgres::PgConnectOptions;

use crate::auth::ServedTenants;
use database::Examined;
pub use installation::{Installation, IssuerKeys};
pub use report::{Check, Report};

/// Runs the checks that need no database.
#[must_use]
pub fn check_installation(installation: &Installation<'_>) -> Report {
    let mut report = Report::default();
    for (name, check) in installation::CHECKS {
        report.add(name, check(installation));
    }
    report
}

/// The database of the settings, and how it is examined.
#[derive(Clone, Debug)]
pub struct Database<'a> {
    pub options: &'a PgConnectOptions,
    /// Whether it is the one in the data directory.
    pub is_embedded: bool,
    /// Whether all counters are compared with their rows, and not a sample.
    pub counts_all: bool,
    /// The tenants that a server with these settings serves, or why it does not start.
    pub served: &'a Result<ServedTenants, String>,
}

impl Report {
    /// Runs the checks of a database.
    pub async fn check_database(&mut self, database: &Database<'_>) {
        let mut examined = match Examined::connect(database).await {
            Ok(examined) => examined,
            Err(error) => return self.without_database(&error.to_string()),
        };
        for (name, check) in database::CHECKS {
            let found = check(&mut examined).await;
            self.add(name, found.unwrap_or_else(|error| database::failed(&error)));
        }
        examined.close().await;
    }

    /// Notes why the database cannot be examined.
    pub fn without_database(&mut self, reason: &str) {
        self.add(database::CONNECTION, database::unreachable(reason));
        let (_, others) = database::CHECKS.split_at(1);
        let names: Vec<&str> = others.iter().map(|(name, _)| *name).collect();
        self.add(database::OTHERS, database::unchecked(&names));
    }
}
