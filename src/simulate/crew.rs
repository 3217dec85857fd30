//! Several connections that work side by side. Items with the same key go to the same connection, in
//! their order.

use futures_util::future::{try_join, try_join_all};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::connection::Connection;

/// How many items wait at each connection.
const QUEUE: usize = 256;

/// An item of work.
pub(super) struct Job<T> {
    pub(super) item: T,
    /// Decides the connection.
    pub(super) key: u32,
    /// When it is due; `None` for at once.
    pub(super) due: Option<Instant>,
}

/// Has all jobs done, one after the other on each connection, until one fails or the user asks to
/// stop.
pub(super) async fn work<T>(
    connections: Vec<Connection>,
    stop: &CancellationToken,
    jobs: impl Iterator<Item = Job<T>>,
    do_job: impl AsyncFn(&mut Connection, Job<T>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let number = connections.len() as u32;
    let (queues, workers): (Vec<_>, Vec<_>) = connections
        .into_iter()
        .map(|mut connection| {
            let (queue, mut waiting) = mpsc::channel::<Job<T>>(QUEUE);
            let do_job = &do_job;
            let worker = async move {
                while let Some(job) = waiting.recv().await {
                    if !stop.is_cancelled() {
                        do_job(&mut connection, job).await?;
                    }
                }
                Ok(())
            };
            (queue, worker)
        })
        .unzip();
    let distribute = async move {
        for job in jobs {
            if stop.is_cancelled() {
                break;
            }
            if let Some(due) = job.due.filter(|due| *due > Instant::now()) {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep_until(due) => {}
                }
            }
            let queue = &queues[(job.key % number) as usize];
            // A worker that has gone has failed, which ends all of this.
            if queue.send(job).await.is_err() {
                break;
            }
        }
        Ok(())
    };
    try_join(distribute, try_join_all(workers)).await.map(|_| ())
}
