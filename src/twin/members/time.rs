//! Durations and times of the control API, from their texts.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::odata::{DateTimeOffset, Duration as EdmDuration};

/// Ticks of 100 ns in a second.
const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks from 0001-01-01 to 1970-01-01.
const TICKS_TO_1970: i64 = 621_355_968_000_000_000;

/// A duration of ISO 8601, or a number with s, m, h or d; `None` if it is something else, or negative.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    if let Some(duration) = EdmDuration::parse(text) {
        let seconds = u64::try_from(duration.ticks.div_euclid(TICKS_PER_SECOND)).ok()?;
        let nanoseconds = u32::try_from(duration.ticks.rem_euclid(TICKS_PER_SECOND) * 100);
        return Some(Duration::new(seconds, nanoseconds.ok()?));
    }
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| is_number)?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// A date-time with a zone, from 1970 on.
pub(super) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let ticks = DateTimeOffset::parse(text)?.ticks.checked_sub(TICKS_TO_1970)?;
    let nanoseconds = u32::try_from(ticks.rem_euclid(TICKS_PER_SECOND) * 100).ok()?;
    let time = DateTime::from_timestamp(ticks.div_euclid(TICKS_PER_SECOND), nanoseconds)?;
    Some(time).filter(|time| time.timestamp() >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_of_iso_8601_or_a_number_with_a_unit() {
        for (text, seconds) in [("PT1H", 3600.0), ("90s", 90.0), ("2m", 120.0), ("PT0.5S", 0.5)] {
            assert_eq!(parse_duration(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "s", "90", "-PT1S", "+1s", "1w", "99999999999999999999d", "é"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn times_begin_with_1970_and_have_a_zone() {
        let time = parse_time("2026-01-31T09:00:00.25+01:00").unwrap();
        assert_eq!(time.to_rfc3339(), "2026-01-31T08:00:00.250+00:00");
        assert_eq!(parse_time("1970-01-01T00:00:00Z").unwrap().timestamp(), 0);
        for text in ["1969-12-31T23:59:59Z", "2026-01-31", "2026-01-31T08:00:00", "now"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
