//! Several workers side by side, each with a connection, that do jobs in their order. Jobs with the same
//! key are done one after the other.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use futures_util::future::try_join_all;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Failure;

/// An item of work.
pub(super) struct Job<T> {
    pub(super) item: T,
    /// Jobs with the same key wait for each other.
    pub(super) key: u32,
    /// When it is due; `None` for at once.
    pub(super) due: Option<Instant>,
}

/// The jobs that nobody has taken yet.
struct Jobs<T, I> {
    rest: Mutex<I>,
    /// The keys that somebody works for, each with the jobs that wait for it.
    busy: RefCell<HashMap<u32, VecDeque<Job<T>>>>,
}

/// Has all jobs done until one fails or the user asks to stop.
pub(super) async fn work<C, T>(
    connections: Vec<C>,
    stop: &CancellationToken,
    jobs: impl Iterator<Item = Job<T>>,
    do_job: impl AsyncFn(&mut C, Job<T>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let jobs = Jobs { rest: Mutex::new(jobs), busy: RefCell::default() };
    let (jobs, do_job) = (&jobs, &do_job);
    let workers = connections.into_iter().map(|mut connection| async move {
        let mut key = None;
        while let Some(job) = jobs.take(key, stop).await {
            key = Some(job.key);
            do_job(&mut connection, job).await?;
        }
        Ok(())
    });
    try_join_all(workers).await.map(|_| ())
}

impl<T, I: Iterator<Item = Job<T>>> Jobs<T, I> {
    /// The next job for somebody who has done one with the key `done`; `None` at the end.
    async fn take(&self, done: Option<u32>, stop: &CancellationToken) -> Option<Job<T>> {
        if stop.is_cancelled() {
            return None;
        }
        if let Some(job) = done.and_then(|key| self.waiting(key)) {
            return Some(job);
        }
        // Held while the next job is not due: those after it are due later.
        let mut rest = self.rest.lock().await;
        loop {
            let job = rest.next()?;
            if let Some(due) = job.due.filter(|due| *due > Instant::now()) {
                tokio::select! {
                    () = stop.cancelled() => return None,
                    () = sleep_until(due) => {}
                }
            }
            match self.busy.borrow_mut().entry(job.key) {
                Entry::Occupied(mut waiting) => waiting.get_mut().push_back(job),
                Entry::Vacant(key) => {
                    key.insert(VecDeque::new());
                    return Some(job);
                }
            }
        }
    }

    /// The next job that waits for a key. Without one, the key is no longer busy.
    fn waiting(&self, key: u32) -> Option<Job<T>> {
        let mut busy = self.busy.borrow_mut();
        let job = busy.get_mut(&key).and_then(VecDeque::pop_front);
        if job.is_none() {
            busy.remove(&key);
        }
        job
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn jobs(number: u32, keys: u32) -> impl Iterator<Item = Job<u32>> {
        (0..number).map(move |item| Job { item, key: item % keys, due: None })
    }

    #[tokio::test]
    async fn jobs_of_one_key_are_done_in_order_and_one_at_a_time() {
        let (under_way, done) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let most = RefCell::new(0);
        let stop = CancellationToken::new();
        let result = work(vec![(); 4], &stop, jobs(200, 7), async |(), job| {
            assert!(!under_way.borrow().contains(&job.key));
            under_way.borrow_mut().push(job.key);
            let number = under_way.borrow().len();
            most.replace_with(|most| number.max(*most));
            for _ in 0..job.item % 5 {
                tokio::task::yield_now().await;
            }
            under_way.borrow_mut().retain(|key| *key != job.key);
            done.borrow_mut().push(job.item);
            Ok(())
        });
        result.await.unwrap();
        let done = done.into_inner();
        assert_eq!((done.len(), most.into_inner()), (200, 4));
        for key in 0..7 {
            let of_key: Vec<u32> = done.iter().copied().filter(|item| item % 7 == key).collect();
            assert!(of_key.is_sorted(), "{of_key:?}");
        }
    }

    #[tokio::test]
    async fn a_failure_and_a_stop_end_the_work() {
        let stop = CancellationToken::new();
        let failed = work(vec![(); 2], &stop, jobs(9, 9), async |(), job| match job.item {
            3 => Err(Failure::Refused("no".into())),
            _ => Ok(()),
        });
        assert_eq!(failed.await.unwrap_err().to_string(), "no");
        let late = jobs(9, 9).map(|job| Job {
            due: Some(Instant::now() + Duration::from_secs(600 * u64::from(job.item))),
            ..job
        });
        let done = RefCell::new(0);
        let stopped = work(vec![(); 2], &stop, late, async |(), _| {
            done.replace_with(|done| *done + 1);
            stop.cancel();
            Ok(())
        });
        stopped.await.unwrap();
        assert_eq!(done.into_inner(), 1);
    }
}
