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
/// The limit of concurrent changes of the test twin's tenants. Each keeps a core of the database busy: with
/// more of them on two cores, the slowest takes longer, and none is sooner.
pub(super) const MAX_TWIN_CHANGES: usize = 2;
/// How long a request waits for a permit.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(3);
/// The same for a change of the test twin's tenants.
const TWIN_PERMIT_TIMEOUT: Duration = Duration::from_secs(60);

/// Limits the concurrent requests of one kind.
#[derive(Debug)]
pub(super) struct Concurrency {
    permits: Semaphore,
    timeout: Duration,
    /// The log entry of a request that is refused.
    cause: &'static str,
}

impl Concurrency {
    pub(super) fn of_reads() -> Self {
        let cause = "too many concurrent reads";
        Self { permits: Semaphore::new(MAX_READS), timeout: PERMIT_TIMEOUT, cause }
    }

    pub(super) fn of_idempotent_writes() -> Self {
        let cause = "too many concurrent writes with an idempotency key";
        Self { permits: Semaphore::new(MAX_IDEMPOTENT_WRITES), timeout: PERMIT_TIMEOUT, cause }
    }

    pub(super) fn of_twin() -> Self {
        let cause = "too many concurrent changes of tenants";
        Self { permits: Semaphore::new(MAX_TWIN_CHANGES), timeout: TWIN_PERMIT_TIMEOUT, cause }
    }

    /// A permit for one request, which ends when it is dropped.
    pub(super) async fn permit(&self) -> Result<SemaphorePermit<'_>> {
        match time::timeout(self.timeout, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::Unavailable { retry_after: 1, cause: self.cause.into() }),
        }
    }
}
