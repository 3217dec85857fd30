//! A window of the throttle: how many requests came since it began.

use chrono::{DateTime, TimeDelta, Utc};

/// Which requests a window counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Writes {
        by_application: bool,
    },
    Any {
        by_application: bool,
    },
    /// Those of a limit of the settings, by its place.
    Custom(usize),
}

/// The name of a window in its tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) kind: Kind,
    pub(super) application: Option<String>,
}

/// A window. It begins with the first request that it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) start: DateTime<Utc>,
    pub(super) count: u32,
    /// Until when clients should wait, by the latest `Retry-After`.
    pub(super) wait_until: Option<DateTime<Utc>>,
}

impl Kind {
    pub(super) fn is_of_writes(self) -> bool {
        matches!(self, Self::Writes { .. })
    }

    pub(super) fn is_by_application(self) -> bool {
        matches!(self, Self::Writes { by_application: true } | Self::Any { by_application: true })
    }
}

impl Window {
    pub(super) fn at(start: DateTime<Utc>) -> Self {
        Self { start, count: 0, wait_until: None }
    }

    pub(super) fn end(&self, length: TimeDelta) -> DateTime<Utc> {
        self.start + length
    }

    pub(super) fn is_open(&self, now: DateTime<Utc>, length: TimeDelta) -> bool {
        now < self.end(length)
    }
}
