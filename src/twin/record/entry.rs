//! A request of the record.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::twin::call::Call;

/// What an entry takes besides its texts, in bytes; an estimate.
const OVERHEAD: usize = 700;

/// A request, and what became of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The place in the order of arrival, from 1.
    pub number: u64,
    /// The `request-id`.
    pub id: Uuid,
    pub call: Arc<Call>,
    /// By the tenant's clock.
    pub at: DateTime<Utc>,
    /// By the clock of the machine.
    pub received: DateTime<Utc>,
    /// The latest request that this one repeats.
    pub retry_of: Option<u64>,
    /// Whether it came before a `Retry-After` that its client was sent was over.
    pub is_early: bool,
    /// `None` while the request is under way.
    pub ending: Option<Ending>,
    /// Until when the client should wait before it repeats the request, by the `Retry-After` of the reply.
    pub(super) wait_until: Option<DateTime<Utc>>,
    pub(super) begun: Instant,
}

/// What became of a request.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// The status of the reply; that of the reply that was not sent, if it was lost. `None` if the
    /// connection was reset instead of a reply.
    pub status: Option<u16>,
    /// The rule that hit it, or `header`.
    pub rule: Option<String>,
    /// What happened to the reply; `None` if it was sent as a whole.
    pub delivery: Option<&'static str>,
    /// The `Retry-After` of the reply.
    pub retry_after: Option<String>,
    /// The `@odata.nextLink` of the reply.
    pub next_link: Option<String>,
    /// Whether the throttle was asked too early.
    pub is_early: bool,
    pub milliseconds: u64,
}

impl Entry {
    pub(super) fn new(
        number: u64,
        id: Uuid,
        call: Arc<Call>,
        at: DateTime<Utc>,
        retry_of: Option<u64>,
        is_early: bool,
    ) -> Self {
        Self {
            number,
            id,
            call,
            at,
            received: Utc::now(),
            retry_of,
            is_early,
            ending: None,
            wait_until: None,
            begun: Instant::now(),
        }
    }

    /// For how long the request has been under way, in milliseconds.
    #[must_use]
    pub(super) fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The status of the reply; `None` while the request is under way, and if its connection was reset.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.ending.as_ref().and_then(|ending| ending.status)
    }

    /// Whether a whole reply said that nothing was done.
    #[must_use]
    pub(in crate::twin) fn has_failed(&self) -> bool {
        let is_whole = self.ending.as_ref().is_some_and(|ending| ending.delivery.is_none());
        is_whole && self.status().is_some_and(|status| (400..500).contains(&status))
    }

    /// How many bytes the entry takes, about.
    pub(super) fn size(&self) -> usize {
        let call = &self.call;
        let pairs = |pairs: &[(String, String)]| -> usize {
            pairs.iter().map(|(name, value)| name.len() + value.len() + 48).sum()
        };
        let headers: usize =
            call.headers.iter().map(|(name, value)| name.len() + value.len() + 48).sum();
        OVERHEAD + call.path.len() + call.body.len() + headers + pairs(&call.query)
    }
}
