//! Pure work on many items, split among the cores. The results come in the order of the items.

use std::panic::resume_unwind;
use std::thread::{ScopedJoinHandle, available_parallelism, scope};

/// How many items a thread gets at a time.
const PART: usize = 8_192;

/// Applies `work` to parts of the items on all cores, and hands the results to `take`, in order.
pub(super) fn in_parallel<I: Sync, T: Send, E>(
    items: &[I],
    work: impl Fn(&[I]) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let cores = available_parallelism().map_or(1, usize::from);
    for round in items.chunks(PART * cores) {
        let results: Vec<T> = scope(|scope| {
            let work = &work;
            let parts = round.chunks(PART).map(|part| scope.spawn(move || work(part)));
            let parts: Vec<_> = parts.collect();
            let joined = parts.into_iter().map(ScopedJoinHandle::join);
            joined.map(|result| result.unwrap_or_else(|panic| resume_unwind(panic))).collect()
        });
        results.into_iter().try_for_each(&mut take)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..5 * PART + 3).collect();
        let mut taken = Vec::new();
        let copy = |part: &[usize]| part.to_vec();
        in_parallel(&items, copy, |part| {
            taken.extend(part);
            Ok::<(), ()>(())
        })
        .unwrap();
        assert_eq!(taken, items);
        let mut calls = 0;
        let stopped = in_parallel(&items, copy, |_| {
            calls += 1;
            Err("full")
        });
        assert_eq!((stopped, calls), (Err("full"), 1));
    }
}
