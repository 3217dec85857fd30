//! Sizes and times as people read them.

use std::time::Duration;

const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];

/// A size in the unit that leaves few digits, as PostgreSQL writes it: a kB has 1,024 bytes.
pub(crate) fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while value >= 1024.0
        && let Some(larger) = units.next()
    {
        (value, unit) = (value / 1024.0, Some(larger));
    }
    let digits = usize::from(bytes >= 1024 && value < 10.0);
    format!("{value:.digits$} {}", unit.unwrap_or(&""))
}

/// A time in its largest unit that fits twice.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A time in seconds, as the database says it.
pub(crate) fn seconds(seconds: f64) -> String {
    time(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_few_digits() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 kB"),
            (8 * 1024 * 1024 + 300_000, "8.3 MB"),
            (55 * 1024 * 1024 * 1024, "55 GB"),
            (u64::MAX, "16777216 TB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn times_have_the_unit_that_fits_twice() {
        for (value, text) in [
            (0.0, "0 s"),
            (-3.0, "0 s"),
            (119.9, "119 s"),
            (120.0, "2 minutes"),
            (7_200.0, "2 hours"),
            (172_800.0, "2 days"),
            (f64::MAX, "213503982334601 days"),
        ] {
            assert_eq!(seconds(value), text);
        }
    }
}
