//! Pure work on many items, split among the cores. The results come in the order of the items.

use std::sync::mpsc::sync_channel;
use std::thread::{available_parallelism, scope};

/// How many items a thread gets at a time: their results fit into the cache of a core.
const PART: usize = 512;
/// How many results of each thread may wait until they are taken.
const WAITING: usize = 8;

/// Applies `work` to parts of the items on all cores, and hands the results to `take`, in order. An
/// error of `take` ends the work.
pub(super) fn in_parallel<I: Sync, T: Send, E>(
    items: &[I],
    work: impl Fn(&[I]) -> T + Sync,
    take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let cores = available_parallelism().map_or(1, usize::from);
    scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..cores)
            .map(|core| {
                let (results, taken) = sync_channel(WAITING);
                let mut parts = items.chunks(PART).skip(core).step_by(cores).map(work);
                scope.spawn(move || parts.try_for_each(|result| results.send(result)));
                taken
            })
            .collect();
        // The threads take turns, so the first one without a result had the last part.
        let results = threads.iter().cycle().map_while(|thread| thread.recv().ok());
        results.into_iter().try_for_each(take)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100 * PART + 3).collect();
        let mut taken = Vec::new();
        let copy = |part: &[usize]| part.to_vec();
        in_parallel(&items, copy, |part| {
            taken.extend(part);
            Ok::<(), ()>(())
        })
        .unwrap();
        assert_eq!(taken, items);
    }

    #[test]
    fn an_error_ends_the_work() {
        let items: Vec<usize> = (0..100 * PART).collect();
        let mut calls = 0;
        let stopped = in_parallel(&items, <[usize]>::len, |_| {
            calls += 1;
            Err("full")
        });
        assert_eq!((stopped, calls), (Err("full"), 1));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_of_a_thread_is_not_taken_for_the_end() {
        let items: Vec<usize> = (0..100 * PART).collect();
        let work = |part: &[usize]| assert!(!part.contains(&(PART + 1)), "a fault");
        let _ = in_parallel(&items, work, Ok::<(), ()>);
    }
}
