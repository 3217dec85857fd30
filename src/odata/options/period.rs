//! `$at`, `$from`, `$to` and `$toInclusive` of OData's temporal extension: the time of the versions
//! that a reader wants. Knows no version.

use crate::error::{OptionReason, Result};
use crate::odata::DateTimeOffset;

/// The names of the options.
pub(super) const NAMES: [&str; 4] = ["$at", "$from", "$to", "$toInclusive"];

/// The time of the versions that a reader wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// `$at`: valid at this instant.
    pub at: Option<DateTimeOffset>,
    /// `$from`: still valid at this instant, or valid later.
    pub from: Option<DateTimeOffset>,
    /// `$to`: valid before this instant.
    pub to: Option<DateTimeOffset>,
    /// `$toInclusive`: valid before this instant, or at it.
    pub to_inclusive: Option<DateTimeOffset>,
}

impl Period {
    /// The options that were given.
    pub(super) fn given(&self) -> impl Iterator<Item = &'static str> {
        let values = [self.at, self.from, self.to, self.to_inclusive];
        NAMES.into_iter().zip(values).filter(|(_, value)| value.is_some()).map(|(name, _)| name)
    }

    /// Refuses options that exclude each other.
    pub(super) fn check(&self) -> Result<()> {
        let pair = match self {
            // `$at` is the first of those that were given.
            Self { at: Some(_), .. } => self.given().nth(1).map(|other| ("$at", other)),
            Self { to: Some(_), to_inclusive: Some(_), .. } => Some(("$to", "$toInclusive")),
            _ => None,
        };
        pair.map_or(Ok(()), |(one, other)| Err(OptionReason::Exclusive { one, other }.into()))
    }
}

/// A date-time, or the start of a day in UTC.
pub(super) fn instant(name: &str, value: &str) -> Result<DateTimeOffset> {
    let start_of_day = || DateTimeOffset::parse(&format!("{value}T00:00:00Z"));
    DateTimeOffset::parse(value).or_else(start_of_day).ok_or_else(|| {
        OptionReason::NotInstant { name: name.to_owned(), value: value.to_owned() }.into()
    })
}
