//! Near misses: the requests that differ least from what was wanted, and where.

use serde::Serialize;

use crate::twin::condition::{Condition, Difference};
use crate::twin::record::Record;

/// How many near misses are shown.
const SHOWN: usize = 3;

/// A request that nearly matches.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct NearMiss {
    /// The number of the request.
    pub n: u64,
    pub differs: Vec<Difference>,
}

/// The requests with the fewest differences, the latest first among equals.
pub(super) fn nearest(wanted: &Condition, record: &Record) -> Vec<NearMiss> {
    let misses = record.entries().rev().map(|entry| {
        let differs = wanted.differences(&entry.call);
        NearMiss { n: entry.number, differs }
    });
    let mut misses: Vec<NearMiss> = misses.filter(|miss| !miss.differs.is_empty()).collect();
    misses.sort_by_key(|miss| miss.differs.len());
    misses.truncate(SHOWN);
    misses
}
