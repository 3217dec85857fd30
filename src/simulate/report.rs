//! The report at the end of a simulation, as text or as JSON.

use std::fmt::Write;

use serde::Serialize;

use super::clock::{Clock, Pace};
use super::meter::Measured;
use super::profile::Profile;
use super::verify::Verification;

/// The form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// The result of a simulation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report<'a> {
    pub(super) profile: &'a Profile,
    pub(super) virtual_start: String,
    pub(super) virtual_end: String,
    /// Whether latencies count from the time when a report was due.
    pub(super) is_open_loop: bool,
    pub(super) measured: Measured,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verification: Option<Verification>,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        profile: &'a Profile,
        clock: &Clock,
        pace: Pace,
        measured: Measured,
        verification: Option<Verification>,
    ) -> Self {
        Self {
            profile,
            virtual_start: clock.date_time(0),
            virtual_end: clock.date_time(clock.length.into()),
            is_open_loop: pace.is_open(),
            measured,
            verification,
        }
    }

    pub(super) fn render(&self, format: ReportFormat) -> Result<String, serde_json::Error> {
        match format {
            ReportFormat::Text => Ok(self.text()),
            ReportFormat::Json => Ok(serde_json::to_string_pretty(self)? + "\n"),
        }
    }

    fn text(&self) -> String {
        let Measured { milliseconds: latency, .. } = &self.measured;
        let measured = &self.measured;
        let mut text = String::new();
        let mut line = |name: &str, value: String| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{name:<14}{value}");
        };
        line("virtual time", format!("{} to {}", self.virtual_start, self.virtual_end));
        line(
            "reports",
            format!(
                "{} at {:.0} a second; {:.1} s in all",
                grouped(measured.reports),
                measured.reports_per_second,
                measured.seconds
            ),
        );
        let since = if self.is_open_loop { "since due" } else { "since sent" };
        line(
            "latency",
            format!(
                "p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, max {:.1} ms {since}",
                latency.p50, latency.p90, latency.p99, latency.p999, latency.max
            ),
        );
        let requests: Vec<String> = measured
            .requests
            .iter()
            .map(|(name, number)| format!("{name}: {}", grouped(*number)))
            .collect();
        line("requests", requests.join(", "));
        line(
            "retries",
            format!(
                "{} ({} after 429 or 503, {} without a reply), {} refused",
                grouped(measured.retries),
                grouped(measured.asked_to_wait),
                grouped(measured.without_reply),
                grouped(measured.refused)
            ),
        );
        line(
            "bytes",
            format!(
                "{} sent, {} received",
                grouped(measured.bytes_sent),
                grouped(measured.bytes_received)
            ),
        );
        if let Some(verification) = &self.verification {
            text += &verification.text();
        }
        text
    }
}

impl Verification {
    fn text(&self) -> String {
        let mut text = format!(
            "{} acknowledged, {} found, {} lost, {} doubled, ",
            grouped(self.acknowledged),
            grouped(self.found),
            grouped(self.lost),
            grouped(self.doubled)
        );
        match self.wrong_summaries.as_slice() {
            [] => text += "summaries right",
            wrong => text += &format!("summaries wrong: {}", wrong.join(", ")),
        }
        if self.others > 0 {
            text += &format!(" ({} states of another run)", grouped(self.others));
        }
        text + "\n"
    }
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_what_was_acknowledged_and_found() {
        let mut verification =
            Verification { acknowledged: 600_412, found: 600_412, ..Verification::default() };
        let right = "600,412 acknowledged, 600,412 found, 0 lost, 0 doubled, summaries right\n";
        assert_eq!(verification.text(), right);
        verification.found = 600_410;
        verification.lost = 2;
        verification.others = 1_000;
        verification.wrong_summaries = vec!["A".into(), "B".into()];
        let wrong = "600,412 acknowledged, 600,410 found, 2 lost, 0 doubled, \
                     summaries wrong: A, B (1,000 states of another run)\n";
        assert_eq!(verification.text(), wrong);
    }
}
