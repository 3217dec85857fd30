//! What the pending migrations do to a database of a given size: locks, time, space on disk. Runs no
//! statement.

use std::collections::BTreeMap;
use std::time::Duration;

use super::effect::{Effect, Work};
use super::statement::Size;
use crate::findings;

const MIB: u64 = 1 << 20;
/// How much of a table is processed in a second, in bytes of its rows. Half of what was measured on two
/// slow cores with PostgreSQL 15 and a table of a million rows, since a larger table does not fit into
/// memory (`docs/operations/upgrade.md#how-long-it-takes`).
const SCAN: u64 = 400 * MIB;
const INDEX: u64 = 75 * MIB;
const CONCURRENT_INDEX: u64 = 50 * MIB;
const UPDATE: u64 = 5 * MIB;
const REWRITE: u64 = 25 * MIB;

/// What one effect or several of them cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) seconds: u64,
    /// How much more space is needed on disk, at the most, in bytes.
    pub(super) space: u64,
}

impl Cost {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { seconds: self.seconds + other.seconds, space: self.space + other.space }
    }
}

/// What an effect costs, by the sizes of the tables.
pub(super) fn cost(effect: Effect<'_>, sizes: &BTreeMap<String, Size>) -> Cost {
    let Size { rows, indexes } = sizes.get(effect.table).copied().unwrap_or_default();
    let (speed, space) = match effect.work {
        Work::NewObjects | Work::Lock => return Cost::default(),
        Work::Scan => (SCAN, 0),
        // A key of many columns can make an index as large as the rows.
        Work::Index => (INDEX, rows),
        Work::ConcurrentIndex => (CONCURRENT_INDEX, rows),
        Work::Update => (UPDATE, rows + indexes),
        Work::Rewrite => (REWRITE, rows + indexes),
    };
    Cost { seconds: rows / speed, space }
}

/// What the same work on these tables does to others, in a sentence.
pub(super) fn sentence(work: Work, tables: &str) -> String {
    match work {
        Work::NewObjects => "makes new objects; nothing waits".into(),
        Work::Lock => format!(
            "locks {tables} for a moment; it waits for open transactions, and later requests wait for \
             it"
        ),
        Work::Scan => format!("reads all of {tables}; nothing waits"),
        Work::Index => format!("builds an index on {tables}; writes to it wait"),
        Work::ConcurrentIndex => format!("builds an index on {tables}; nothing waits"),
        Work::Update => format!("changes every row of {tables}; writes of the same rows wait"),
        Work::Rewrite => format!("writes {tables} again; reads and writes of it wait"),
    }
}

/// A forecast of a time, in words.
pub(super) fn time(seconds: u64) -> String {
    match seconds {
        0 => "less than a second".into(),
        _ => format!("about {}", findings::time(Duration::from_secs(seconds))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_follows_the_size_of_the_table() {
        let size = Size { rows: 1_000 * MIB, indexes: 500 * MIB };
        let sizes = BTreeMap::from([("script".into(), size)]);
        let cost = |work, table| cost(Effect { work, table }, &sizes);
        assert_eq!(cost(Work::Lock, "script"), Cost::default());
        assert_eq!(cost(Work::Rewrite, "unknown"), Cost::default());
        assert_eq!(cost(Work::Scan, "script"), Cost { seconds: 2, space: 0 });
        assert_eq!(cost(Work::Index, "script"), Cost { seconds: 13, space: 1_000 * MIB });
        assert_eq!(cost(Work::Rewrite, "script"), Cost { seconds: 40, space: 1_500 * MIB });
        let both = cost(Work::Scan, "script").plus(cost(Work::Index, "script"));
        assert_eq!(both, Cost { seconds: 15, space: 1_000 * MIB });
    }

    #[test]
    fn a_forecast_of_less_than_a_second_has_no_number() {
        assert_eq!(
            [0, 1, 119, 121, 7_200].map(time),
            ["less than a second", "about 1 s", "about 119 s", "about 2 minutes", "about 2 hours"]
        );
    }
}
