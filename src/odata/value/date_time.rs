//! `Edm.DateTimeOffset` as the OData ABNF writes it → an exact instant and the offset it was
//! written in. Holds 100 ns, which neither a `timestamptz` nor a float does.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

/// An instant from 0001-01-01 to 9999-12-31 (UTC and local), to 100 ns, and its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTimeOffset {
    /// The instant: units of 100 ns since 0001-01-01T00:00:00Z.
    pub ticks: i64,
    /// Minutes east of UTC, −840 to 840.
    pub offset: i16,
}

const TICKS_PER_SECOND: i64 = 10_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// The first tick after 9999-12-31T23:59:59.9999999Z.
const TICKS_END: i64 = 3_652_059 * SECONDS_PER_DAY * TICKS_PER_SECOND;
const MAX_OFFSET: i64 = 14 * 60;
/// Seconds from 0001-01-01 to 1970-01-01.
const UNIX_EPOCH: i64 = 719_162 * SECONDS_PER_DAY;

impl DateTimeOffset {
    /// 0001-01-01T00:00:00Z: what an absent date-time is.
    pub const MIN: Self = Self { ticks: 0, offset: 0 };

    /// 9999-12-31T23:59:59.9999999Z: the last moment that there is.
    pub const MAX: Self = Self { ticks: TICKS_END - 1, offset: 0 };

    /// Reads `year-month-dayThour:minute[:second[.fraction]](Z|±hour:minute)`; `None` for any
    /// other form, more than 7 digits of fraction, or an instant out of range.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Text(text.as_bytes());
        let year = rest.number(4)?;
        let month = rest.literal(b'-').and_then(|()| rest.number(2))?;
        let day = rest.literal(b'-').and_then(|()| rest.number(2))?;
        let hour = rest.literal(b'T').and_then(|()| rest.number(2))?;
        let minute = rest.literal(b':').and_then(|()| rest.number(2))?;
        let (second, fraction) = match rest.literal(b':') {
            Some(()) => (rest.number(2)?, rest.fraction()?),
            None => (0, 0),
        };
        let offset = rest.offset()?;
        if !rest.0.is_empty() || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let date = NaiveDate::from_ymd_opt(
            year.try_into().ok()?,
            month.try_into().ok()?,
            day.try_into().ok()?,
        )?;
        let days = date.signed_duration_since(NaiveDate::from_ymd_opt(1, 1, 1)?).num_days();
        let seconds = days * SECONDS_PER_DAY + hour * 3600 + (minute - offset) * 60 + second;
        let ticks = seconds * TICKS_PER_SECOND + fraction;
        let in_range = year >= 1 && (0..TICKS_END).contains(&ticks);
        in_range.then_some(Self { ticks, offset: offset.try_into().ok()? })
    }
}

/// As OData writes it: trailing zeros of the fraction and an offset of zero are left away.
impl fmt::Display for DateTimeOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.ticks + i64::from(self.offset) * 60 * TICKS_PER_SECOND;
        let (seconds, fraction) = (local / TICKS_PER_SECOND, local % TICKS_PER_SECOND);
        let since_epoch = DateTime::from_timestamp(seconds - UNIX_EPOCH, 0).unwrap_or_default();
        write!(formatter, "{}", since_epoch.format("%Y-%m-%dT%H:%M:%S"))?;
        if fraction != 0 {
            write!(formatter, ".{}", format!("{fraction:07}").trim_end_matches('0'))?;
        }
        match self.offset {
            0 => formatter.write_str("Z"),
            offset => {
                let (sign, offset) = (if offset < 0 { '-' } else { '+' }, offset.abs());
                write!(formatter, "{sign}{:02}:{:02}", offset / 60, offset % 60)
            }
        }
    }
}

impl From<DateTime<Utc>> for DateTimeOffset {
    fn from(instant: DateTime<Utc>) -> Self {
        let seconds = instant.timestamp() + UNIX_EPOCH;
        let fraction = i64::from(instant.timestamp_subsec_nanos()) / 100;
        Self { ticks: seconds * TICKS_PER_SECOND + fraction.min(TICKS_PER_SECOND - 1), offset: 0 }
    }
}

/// What of the text is still to be read.
struct Text<'a>(&'a [u8]);

impl Text<'_> {
    fn literal(&mut self, expected: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        first.eq_ignore_ascii_case(&expected).then(|| self.0 = rest)
    }

    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
        })
    }

    /// `.` and 1 to 7 digits, as ticks; nothing is zero.
    fn fraction(&mut self) -> Option<i64> {
        if self.literal(b'.').is_none() {
            return Some(0);
        }
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let scale = 7_u32.checked_sub(digits.try_into().ok()?).filter(|_| digits > 0)?;
        Some(self.number(digits)? * 10_i64.pow(scale))
    }

    fn offset(&mut self) -> Option<i64> {
        if self.literal(b'Z').is_some() {
            return Some(0);
        }
        let sign = match (self.literal(b'+'), self.literal(b'-')) {
            (Some(()), _) => 1,
            (None, Some(())) => -1,
            (None, None) => return None,
        };
        let hours = self.number(2)?;
        let minutes = self.literal(b':').and_then(|()| self.number(2)).filter(|&it| it < 60)?;
        let offset = hours * 60 + minutes;
        (offset <= MAX_OFFSET).then_some(sign * offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_nanoseconds_and_the_offset_are_kept() {
        let parsed = DateTimeOffset::parse("2017-01-01T00:02:58.4418045-08:00").unwrap();
        assert_eq!(parsed, DateTimeOffset { ticks: 636_188_545_784_418_045, offset: -480 });
    }

    #[test]
    fn each_form_of_the_grammar_is_read() {
        let instant = DateTimeOffset::parse("2017-01-01T08:02:00Z").unwrap().ticks;
        for same in ["2017-01-01T08:02Z", "2017-01-01t08:02:00.0z", "2017-01-01T09:32+01:30"] {
            assert_eq!(DateTimeOffset::parse(same).unwrap().ticks, instant, "{same}");
        }
        assert_eq!(DateTimeOffset::parse("0001-01-01T00:00:00Z").unwrap(), DateTimeOffset::MIN);
        let last = DateTimeOffset::parse("9999-12-31T23:59:59.9999999Z").unwrap();
        assert_eq!(last.ticks, TICKS_END - 1);
    }

    #[test]
    fn any_other_form_is_refused() {
        let wrong = [
            "",
            "2017-01-01",
            "2017-01-01T00:02:58",
            "2017-01-01 00:02:58Z",
            "2017-1-1T00:00:00Z",
            "2017-02-29T00:00:00Z",
            "2017-13-01T00:00:00Z",
            "2017-01-01T24:00:00Z",
            "2017-01-01T00:60:00Z",
            "2017-01-01T00:00:60Z",
            "2017-01-01T00:00:00.Z",
            "2017-01-01T00:00:00.12345678Z",
            "2017-01-01T00:00:00+14:01",
            "2017-01-01T00:00:00+0100",
            "2017-01-01T00:00:00+01",
            "2017-01-01T00:00:00+01:60",
            "0000-01-01T00:00:00Z",
            "-001-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "2017-01-01T00:00:00ZZ",
            " 2017-01-01T00:00:00Z",
            "1483228800",
            "/Date(1483228800000)/",
            "٢٠١٧-01-01T00:00:00Z",
        ];
        for text in wrong {
            assert_eq!(DateTimeOffset::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_read_is_written_the_same() {
        for text in [
            "2017-01-01T00:02:58.4418045-08:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.9999999Z",
            "9999-12-31T09:59:59-14:00",
            "0001-01-01T14:00:00.01+14:00",
            "2000-02-29T12:30:00-00:30",
        ] {
            assert_eq!(DateTimeOffset::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_clock_agrees_with_the_grammar() {
        let text = "2026-11-24T05:20:44.1234567Z";
        let clock: DateTime<Utc> = text.parse().unwrap();
        assert_eq!(DateTimeOffset::from(clock), DateTimeOffset::parse(text).unwrap());
    }
}
