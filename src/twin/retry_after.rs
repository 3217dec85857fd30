//! The forms of a `Retry-After`: as HTTP documents it, as Graph has been seen to write it, and wrong
//! ones. Times are those of the tenant's clock.

use chrono::{DateTime, TimeDelta, Utc};

use super::members::{Words, name_of};

/// How a `Retry-After` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Whole seconds: `10`.
    Seconds,
    /// Seconds with a fraction: `2.128`.
    Fraction,
    /// A date: `Fri, 27 Nov 2026 01:00:00 GMT`.
    Date,
    /// No header.
    Absent,
    /// `0`, whatever the time is.
    Zero,
    /// Half of the time.
    Lie,
}

/// The forms, with their names in the control API.
pub(super) const FORMS: Words<Form> = &[
    ("seconds", Form::Seconds),
    ("fraction", Form::Fraction),
    ("date", Form::Date),
    ("absent", Form::Absent),
    ("zero", Form::Zero),
    ("lie", Form::Lie),
];

impl Form {
    /// The header for a wait that begins now and lasts so many seconds; `None` for no header.
    #[must_use]
    pub fn write(self, seconds: f64, now: DateTime<Utc>) -> Option<String> {
        let whole = seconds.max(0.0).ceil();
        Some(match self {
            Self::Seconds => format!("{whole}"),
            Self::Fraction => format!("{:.3}", (seconds.max(0.0) * 1000.0).ceil() / 1000.0),
            Self::Date => {
                let end = now + TimeDelta::milliseconds((whole * 1000.0) as i64);
                // A date has whole seconds: one that is not over before the wait is.
                let end = end + TimeDelta::milliseconds(999);
                end.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
            }
            Self::Absent => return None,
            Self::Zero => "0".into(),
            Self::Lie => format!("{}", (whole / 2.0).floor()),
        })
    }

    /// Its name in the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(self, FORMS)
    }
}

/// The time until which a client has to wait, by the `Retry-After` that it was sent.
pub(super) fn end(written: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(date) = DateTime::parse_from_rfc2822(written) {
        return Some(date.to_utc());
    }
    let seconds: f64 = written.parse().ok()?;
    // A rule may have written any number.
    now.checked_add_signed(TimeDelta::try_milliseconds((seconds * 1000.0) as i64)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_741_200, 0).unwrap()
    }

    #[test]
    fn each_form_is_written_as_documented() {
        let written = |form: Form, seconds| form.write(seconds, now());
        assert_eq!(written(Form::Seconds, 9.2).as_deref(), Some("10"));
        assert_eq!(written(Form::Fraction, 2.1275).as_deref(), Some("2.128"));
        assert_eq!(written(Form::Date, 10.0).as_deref(), Some("Fri, 27 Nov 2026 01:00:10 GMT"));
        assert_eq!(written(Form::Absent, 10.0), None);
        assert_eq!(written(Form::Zero, 10.0).as_deref(), Some("0"));
        assert_eq!(written(Form::Lie, 10.0).as_deref(), Some("5"));
        assert_eq!(written(Form::Lie, 1.0).as_deref(), Some("0"));
    }

    #[test]
    fn what_was_written_says_how_long_to_wait() {
        for (written, seconds) in
            [("10", 10_000), ("2.128", 2128), ("Fri, 27 Nov 2026 01:00:10 GMT", 10_000)]
        {
            let wait = end(written, now()).unwrap() - now();
            assert_eq!(wait.num_milliseconds(), seconds, "{written}");
        }
        for written in ["soon", "1e300", "-1e300", "inf", "-inf"] {
            assert_eq!(end(written, now()), None, "{written}");
        }
    }
}
