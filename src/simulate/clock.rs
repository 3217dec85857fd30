//! Virtual time: its milliseconds since the start as date-times, and as moments of real time.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};

use super::Failure;
use super::profile::Profile;

pub(super) const MILLISECONDS_OF_DAY: u32 = 24 * 60 * 60 * 1_000;

/// The virtual time of a simulation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: DateTime<Utc>,
    /// In milliseconds.
    pub(super) length: u32,
}

/// How real time follows virtual time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pace {
    /// Each report as soon as a connection is free.
    Closed,
    /// Virtual time runs so many times as fast as real time. Where the server is slower, it waits.
    Faster(f64),
    /// A storm: virtual time is real time, whether the server keeps up or not.
    Storm,
    /// So many reports a second, whether the server keeps up or not.
    Rate(f64),
}

impl Clock {
    /// The clock of a profile. Without a start, virtual time ends now, so that the newest reports are
    /// those of the last hour; a storm then begins now.
    pub(super) fn new(profile: &Profile, now: DateTime<Utc>) -> Result<Self, Failure> {
        let length = match profile.storm_seconds {
            Some(seconds) => seconds * 1_000,
            None => profile.days * MILLISECONDS_OF_DAY,
        };
        let start = match &profile.start {
            Some(text) => DateTime::parse_from_rfc3339(text)
                .map_err(|_| {
                    Failure::Refused(
                        "start must be a date-time such as 2026-11-23T06:00:00Z".into(),
                    )
                })?
                .to_utc()
                .trunc_subsecs(0),
            None if profile.storm_seconds.is_some() => now.trunc_subsecs(0),
            None => (now - Duration::from_millis(length.into())).trunc_subsecs(0),
        };
        Ok(Self { start, length })
    }

    /// The start, in seconds since 1970.
    pub(super) fn start_seconds(&self) -> i64 {
        self.start.timestamp()
    }

    /// A moment as `Edm.DateTimeOffset`, as a server returns it: without zeros at the end of the
    /// fraction.
    pub(super) fn date_time(&self, at: i64) -> String {
        let moment = self.start + chrono::TimeDelta::milliseconds(at);
        let mut text = moment.to_rfc3339_opts(SecondsFormat::Millis, true);
        let end = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(end);
        text.push('Z');
        text
    }

    /// The share of the simulation that is over.
    pub(super) fn share(&self, at: u32) -> f64 {
        f64::from(at) / f64::from(self.length)
    }
}

impl Pace {
    pub(super) fn new(profile: &Profile) -> Self {
        match (profile.storm_seconds, profile.rate) {
            (Some(_), _) => Self::Storm,
            (None, Some(rate)) => Self::Rate(rate),
            (None, None) if profile.hours_per_second > 0.0 => {
                Self::Faster(profile.hours_per_second * 3_600.0)
            }
            (None, None) => Self::Closed,
        }
    }

    /// When a report is due, after the start of real time; `None` if it need not wait. `at` is its
    /// virtual time in milliseconds, `number` its place among all reports.
    pub(super) fn due(self, at: u32, number: usize) -> Option<Duration> {
        match self {
            Self::Closed => None,
            Self::Faster(factor) => Some(Duration::from_secs_f64(f64::from(at) / 1_000.0 / factor)),
            Self::Storm => Some(Duration::from_millis(at.into())),
            Self::Rate(rate) => Some(Duration::from_secs_f64(number as f64 / rate)),
        }
    }

    /// Whether reports come whether the server keeps up or not. Then their latency counts from the
    /// time when they were due.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Storm | Self::Rate(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(start: Option<&str>, storm_seconds: Option<u32>) -> Clock {
        let start = start.map(str::to_owned);
        let profile = Profile { start, storm_seconds, ..Profile::default() };
        let now = DateTime::parse_from_rfc3339("2026-11-27T01:02:03.456Z").unwrap();
        Clock::new(&profile, now.to_utc()).unwrap()
    }

    #[test]
    fn virtual_time_ends_now_unless_a_start_is_given() {
        let start = |clock: Clock| clock.date_time(0);
        assert_eq!(start(clock(None, None)), "2026-11-24T01:02:03Z");
        assert_eq!(start(clock(None, Some(600))), "2026-11-27T01:02:03Z");
        let given = clock(Some("2026-11-23T07:00:00+01:00"), None);
        assert_eq!(start(given), "2026-11-23T06:00:00Z");
    }

    #[test]
    fn date_times_have_no_zeros_at_the_end_of_the_fraction() {
        let clock = clock(Some("2026-11-23T06:00:00Z"), None);
        for (at, text) in [
            (0, "2026-11-23T06:00:00Z"),
            (600_000, "2026-11-23T06:10:00Z"),
            (120, "2026-11-23T06:00:00.12Z"),
            (1_001, "2026-11-23T06:00:01.001Z"),
            (-500, "2026-11-23T05:59:59.5Z"),
        ] {
            assert_eq!(clock.date_time(at), text);
        }
    }

    #[test]
    fn reports_are_due_by_the_pace() {
        let due = |pace: Pace| pace.due(7_200_000, 30);
        assert_eq!(due(Pace::Closed), None);
        assert_eq!(due(Pace::Faster(3_600.0)), Some(Duration::from_secs(2)));
        assert_eq!(due(Pace::Storm), Some(Duration::from_secs(7_200)));
        assert_eq!(due(Pace::Rate(10.0)), Some(Duration::from_secs(3)));
    }
}
