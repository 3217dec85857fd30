//! Limits how many requests of a kind use a connection at the same time, so that others find one free.
//! Knows no request.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time;

use crate::error::{Error, Result};

/// The limit of concurrent reads: three quarters of the connection pool. Slow reads, however many, leave
/// connections for the writes.
pub(super) const MAX_READS: usize = 12;
/// The limit of concurrent writes with an idempotency key: half of the connection pool. Retries of one
/// key wait for each other while they use a connection.
pub(super) const MAX_IDEMPOTENT_WRITES: usize = 8;
/// How long a request waits while so many others of its kind run.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(3);

/// A limit, and those who are within it.
#[derive(Debug)]
pub(super) struct Concurrency {
    permits: Semaphore,
    /// The log entry of a request that is refused.
    cause: &'static str,
}

impl Concurrency {
    pub(super) fn of_reads() -> Self {
        Self { permits: Semaphore::new(MAX_READS), cause: "too many concurrent reads" }
    }

    pub(super) fn of_idempotent_writes() -> Self {
        let cause = "too many concurrent writes with an idempotency key";
        Self { permits: Semaphore::new(MAX_IDEMPOTENT_WRITES), cause }
    }

    /// A permit for one request, which ends when it is dropped.
    pub(super) async fn permit(&self) -> Result<SemaphorePermit<'_>> {
        match time::timeout(PERMIT_TIMEOUT, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::Unavailable { retry_after: 1, cause: self.cause.into() }),
        }
    }
}
