//! All findings of a diagnosis: as lines that can be pasted into a report, and as JSON.

use serde::Serialize;

use crate::config::GivenSetting;
use crate::findings::{Finding, Status};

/// A check by its name, and what it has found.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub check: &'static str,
    #[serde(flatten)]
    pub finding: Finding,
}

/// The findings, in the order of the checks.
#[derive(Clone, Debug, Default)]
pub struct Report(Vec<Check>);

impl Report {
    pub(super) fn add(&mut self, check: &'static str, finding: Finding) {
        self.0.push(Check { check, finding });
    }

    /// The status of the most serious finding.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.iter().map(|it| it.finding.status).max().unwrap_or(Status::Ok)
    }

    /// The report as text: a line for each finding, one below it if something has to be done, and the
    /// settings.
    #[must_use]
    pub fn text(&self, time: &str, settings: &[GivenSetting]) -> String {
        let mut text = format!("Runstate {}, {time}\n\n", env!("CARGO_PKG_VERSION"));
        for Check { check, finding } in &self.0 {
            text += &finding.lines(&format!("{check:20}  "));
        }
        text += "\nSettings:\n";
        for GivenSetting { variable, value, source } in settings {
            let value = value.as_deref().unwrap_or("not set");
            text += &format!("      {variable:32}  {value} ({})\n", source.word());
        }
        let [warnings, failures] = [Status::Warn, Status::Fail].map(|status| self.count(status));
        text + &format!("\nWarnings: {warnings}, failures: {failures}\n")
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self, time: &str, settings: &[GivenSetting]) -> serde_json::Value {
        serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "time": time,
            "status": self.status(),
            "checks": self.0,
            "settings": settings,
        })
    }

    fn count(&self, status: Status) -> usize {
        self.0.iter().filter(|it| it.finding.status == status).count()
    }
}
