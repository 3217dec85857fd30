//! The classes of retention of the history.

use std::fmt;
use std::str::FromStr;

/// For how many days a version of a run state is kept after it was superseded. There are few
/// classes, since versions of one class are stored, and dropped, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryDays(i16);

impl HistoryDays {
    /// No version is ever dropped.
    pub const FOREVER: Self = Self(i16::MAX);
    /// The classes that have an end, in days.
    pub const CLASSES: [i64; 5] = [0, 7, 30, 90, 365];

    /// The class with this number of days.
    #[must_use]
    pub fn of(days: i64) -> Option<Self> {
        let class = Self::CLASSES.iter().find(|class| **class == days)?;
        i16::try_from(*class).ok().map(Self)
    }

    /// The class that the database stores as this number.
    #[must_use]
    pub fn from_stored(days: i16) -> Self {
        Self(days)
    }

    /// The number that the database stores for the class.
    #[must_use]
    pub fn stored(self) -> i16 {
        self.0
    }
}

impl Default for HistoryDays {
    fn default() -> Self {
        Self(90)
    }
}

impl FromStr for HistoryDays {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "forever" {
            return Ok(Self::FOREVER);
        }
        let class = Self::CLASSES.into_iter().find(|class| class.to_string() == text);
        class.and_then(Self::of).ok_or("must be 0, 7, 30, 90, 365 or forever")
    }
}

impl fmt::Display for HistoryDays {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::FOREVER => formatter.write_str("forever"),
            Self(days) => write!(formatter, "{days}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_a_history_are_a_class_of_retention() {
        for text in ["0", "7", "30", "90", "365", "forever"] {
            assert_eq!(text.parse::<HistoryDays>().unwrap().to_string(), text);
        }
        for wrong in ["", "12", "-7", "+7", "07", "32767", "Forever", "99999999999999999999"] {
            assert!(wrong.parse::<HistoryDays>().is_err(), "{wrong}");
        }
    }
}
