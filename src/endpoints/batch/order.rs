//! The order of a batch: each request comes after those that it depends on. Knows only the
//! dependencies of the requests.

use super::envelope::{Entry, wrong};
use crate::error::{ItemReason, Result};

/// The places of all entries, dependencies first, else as they came.
pub(super) fn order(entries: &[Entry<'_>]) -> Result<Vec<usize>> {
    let mut order: Vec<usize> = Vec::new();
    let free = |order: &[usize]| {
        let met = |entry: &Entry<'_>| entry.depends_on.iter().all(|it| order.contains(it));
        let open = entries.iter().filter(|entry| !order.contains(&entry.index));
        open.filter(|entry| met(entry)).map(|entry| entry.index).next()
    };
    while let Some(next) = free(&order) {
        order.push(next);
    }
    match entries.iter().find(|entry| !order.contains(&entry.index)) {
        None => Ok(order),
        Some(stuck) => {
            let place = on_cycle(entries, &order, stuck.index);
            Err(wrong(place, "dependsOn", ItemReason::Cycle))
        }
    }
}

/// A place on the cycle that an entry leads to. Each stuck entry depends on another stuck one, so a walk
/// along the dependencies is on the cycle after as many steps as there are entries.
fn on_cycle(entries: &[Entry<'_>], done: &[usize], start: usize) -> usize {
    let next = |place: usize| {
        let on = entries[place].depends_on.iter().find(|it| !done.contains(it));
        on.copied().unwrap_or(place)
    };
    entries.iter().fold(start, |place, _| next(place))
}
