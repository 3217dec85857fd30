//! Assertions about what was sent: how many requests match, in which order, and whether a client has
//! the manners that Graph asks for. Reads the record, changes nothing.

mod manners;
mod nearest;
mod read;

use serde::Serialize;

use super::condition::Condition;
use super::record::{Entry, Record};

use manners::Manner;
pub use manners::MannerResult;
pub use nearest::NearMiss;

/// An assertion.
#[derive(Debug)]
pub struct Assertion {
    condition: Condition,
    count: Count,
    /// How long to wait until it holds, in real time.
    pub within: std::time::Duration,
    order: Vec<Condition>,
    manners: Vec<Manner>,
}

/// How many requests must match.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    at_least: Option<u64>,
    at_most: Option<u64>,
}

/// What an assertion found.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// Whether all of it holds.
    pub ok: bool,
    /// How many requests match.
    pub matched: usize,
    /// Their numbers.
    pub requests: Vec<u64>,
    /// The first condition of `order`, from 0, that no request satisfies in its turn.
    #[serde(skip_serializing_if = "Option::is_none", rename = "orderMissing")]
    pub order_missing: Option<usize>,
    /// If too few match: those that nearly do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<NearMiss>,
    /// Each of the asked manners.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub manners: Vec<MannerResult>,
}

impl Assertion {
    /// Compares the record with the assertion.
    #[must_use]
    pub fn verdict(&self, record: &Record) -> Verdict {
        let matching: Vec<&Entry> =
            record.entries().filter(|entry| self.condition.holds(&entry.call)).collect();
        let has_count = self.count.accepts(matching.len());
        let order_missing = self.order_missing(record);
        let manners: Vec<MannerResult> =
            self.manners.iter().map(|manner| manner.check(&matching, record)).collect();
        let too_few = self.count.is_above(matching.len());
        let nearest = match too_few {
            true => nearest::nearest(&self.condition, record),
            false => Vec::new(),
        };
        Verdict {
            ok: has_count && order_missing.is_none() && manners.iter().all(|it| it.ok),
            matched: matching.len(),
            requests: matching.iter().map(|entry| entry.number).collect(),
            order_missing,
            nearest,
            manners,
        }
    }

    /// Other requests may come between those of the order.
    fn order_missing(&self, record: &Record) -> Option<usize> {
        let mut entries = record.entries();
        self.order.iter().position(|wanted| !entries.any(|entry| wanted.holds(&entry.call)))
    }
}

impl Count {
    fn accepts(self, count: usize) -> bool {
        !self.is_above(count) && self.at_most.is_none_or(|most| count as u64 <= most)
    }

    /// Whether more are wanted.
    fn is_above(self, count: usize) -> bool {
        self.at_least.is_some_and(|least| (count as u64) < least)
    }
}

#[cfg(test)]
mod tests;
