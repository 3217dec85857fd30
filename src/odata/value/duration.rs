//! `Edm.Duration` as the OData ABNF writes it, `-P3DT4H5M6.7S` → units of 100 ns.

use std::fmt;

/// A length of time, to 100 ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// Units of 100 ns.
    pub ticks: i64,
}

/// The units of the two halves, in their order, with their length in ticks.
const DATE_UNITS: &[(char, i64)] = &[('D', 24 * 3600 * TICKS_PER_SECOND)];
const TIME_UNITS: &[(char, i64)] =
    &[('H', 3600 * TICKS_PER_SECOND), ('M', 60 * TICKS_PER_SECOND), ('S', TICKS_PER_SECOND)];
const TICKS_PER_SECOND: i64 = 10_000_000;

impl Duration {
    /// No time: what an absent duration is.
    pub const ZERO: Self = Self { ticks: 0 };

    /// Reads a duration; `None` for any other form and for what 64 bits do not hold.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        let (negative, rest) = match upper.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, upper.strip_prefix('+').unwrap_or(&upper)),
        };
        let rest = rest.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        if date.is_empty() && time.is_empty() {
            return None;
        }
        let ticks = sum(date, DATE_UNITS)?.checked_add(sum(time, TIME_UNITS)?)?;
        Some(Self { ticks: if negative { -ticks } else { ticks } })
    }
}

/// As the function `duration` of the database writes it.
impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticks = self.ticks.unsigned_abs();
        let day = 24 * 3600 * TICKS_PER_SECOND.unsigned_abs();
        let (days, rest) = (ticks / day, ticks % day);
        let (hours, minutes) = (rest / 36_000_000_000, rest / 600_000_000 % 60);
        let (seconds, fraction) = (rest % 600_000_000 / 10_000_000, rest % 10_000_000);
        formatter.write_str(if self.ticks < 0 { "-P" } else { "P" })?;
        if days > 0 {
            write!(formatter, "{days}D")?;
        }
        if rest > 0 || days == 0 {
            formatter.write_str("T")?;
        }
        if hours > 0 {
            write!(formatter, "{hours}H")?;
        }
        if minutes > 0 {
            write!(formatter, "{minutes}M")?;
        }
        if fraction > 0 {
            let fraction = format!("{fraction:07}");
            write!(formatter, "{seconds}.{}S", fraction.trim_end_matches('0'))
        } else if seconds > 0 || ticks == 0 {
            write!(formatter, "{seconds}S")
        } else {
            Ok(())
        }
    }
}

/// Adds numbers with units; each unit at most once and in order, a fraction only of seconds.
fn sum(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum: i64 = 0;
    for (unit, length) in units {
        let Some((number, rest)) = text.split_once(*unit) else { continue };
        text = rest;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let fits = fraction.len() <= 7 && (*unit == 'S' || !number.contains('.'));
        if !is_number(whole) || !is_number(fraction) || !fits {
            return None;
        }
        let ticks = whole.parse::<i64>().ok()?.checked_mul(*length)?;
        let fraction = format!("{fraction:0<7}").parse::<i64>().ok()?;
        sum = sum.checked_add(ticks)?.checked_add(fraction)?;
    }
    text.is_empty().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(text: &str) -> Option<i64> {
        Duration::parse(text).map(|duration| duration.ticks)
    }

    #[test]
    fn each_unit_counts() {
        assert_eq!(ticks("PT2M43.444327S"), Some(1_634_443_270));
        assert_eq!(ticks("P1DT1H"), Some(25 * 3600 * TICKS_PER_SECOND));
        assert_eq!(ticks("-PT0.0000001S"), Some(-1));
        assert_eq!(ticks("PT0S"), Some(0));
        assert_eq!(ticks("pt1m"), Some(60 * TICKS_PER_SECOND));
    }

    #[test]
    fn any_other_form_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "1D",
            "P1",
            "P1DT",
            "PT1S1M",
            "PT1.5M",
            "PT1.S",
            "PT.5S",
            "P1Y",
            "P1W",
            "PT1.12345678S",
            "P99999999999999D",
            "PT1H1H",
            "P-1D",
            "PTS",
            "PT1S ",
        ] {
            assert_eq!(ticks(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for text in ["PT0S", "P1D", "PT1H", "-P3DT4H5M6.7S", "PT0.0000001S", "P1DT1M", "PT30S"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Duration::parse("PT90M").unwrap().to_string(), "PT1H30M");
        assert_eq!(Duration { ticks: i64::MIN }.to_string(), "-P10675199DT2H48M5.4775808S");
    }
}
