//! What was sent to a tenant: the latest requests, each with its reply's status and the rule that
//! hit it. Repeated requests are linked. Knows no assertion.

mod entry;
mod shown;

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use uuid::Uuid;

use super::call::Call;
use super::limits::{MAX_RECORD_SIZE, MAX_RECORDED};
use super::retry_after;

pub use entry::{Ending, Entry};

/// The record of a tenant.
#[derive(Debug)]
pub struct Record {
    entries: VecDeque<Entry>,
    size: usize,
    /// The number of the next request, from 1.
    next: u64,
    /// The latest request of each kind, by its hash: of method, path, query and body, and of method,
    /// path and `client-request-id`.
    latest: HashMap<u64, u64>,
    /// Tells those who wait for requests that one came or ended.
    changes: watch::Sender<()>,
}

impl Default for Record {
    fn default() -> Self {
        let (changes, _) = watch::channel(());
        let (entries, latest) = (VecDeque::new(), HashMap::new());
        Self { entries, size: 0, next: 1, latest, changes }
    }
}

impl Record {
    /// Adds a request at its arrival; returns its number.
    pub fn begin(&mut self, id: Uuid, call: Arc<Call>, now: DateTime<Utc>) -> u64 {
        let number = self.next;
        self.next += 1;
        let hashes = hashes(&call);
        let retry_of = hashes.iter().filter_map(|hash| self.latest.get(hash)).max().copied();
        let wait_until = retry_of.and_then(|number| self.find(number)?.wait_until);
        let is_early = wait_until.is_some_and(|until| now < until);
        for hash in hashes {
            self.latest.insert(hash, number);
        }
        let entry = Entry::new(number, id, call, now, retry_of, is_early);
        self.size += entry.size();
        self.entries.push_back(entry);
        while self.entries.len() > MAX_RECORDED || self.size > MAX_RECORD_SIZE {
            self.drop_oldest();
        }
        self.changes.send_replace(());
        number
    }

    /// Adds what became of a request.
    pub fn end(&mut self, number: u64, ending: Ending, now: DateTime<Utc>) {
        let Some(entry) = self.find_mut(number) else { return };
        let retry_after = ending.retry_after.as_deref();
        entry.wait_until = retry_after.and_then(|text| retry_after::end(text, now));
        entry.is_early |= ending.is_early;
        let milliseconds = entry.elapsed();
        entry.ending = Some(Ending { milliseconds, ..ending });
        self.changes.send_replace(());
    }

    /// The number of the request with this `request-id`.
    #[must_use]
    pub fn number(&self, id: Uuid) -> Option<u64> {
        self.entries.iter().rev().find(|entry| entry.id == id).map(|entry| entry.number)
    }

    /// The requests, the oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Forgets all requests. Numbers go on.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.latest.clear();
        self.size = 0;
    }

    /// What changes with each request.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// The request with this number, if it was not dropped.
    pub(super) fn find(&self, number: u64) -> Option<&Entry> {
        self.entries.get(self.place(number)?)
    }

    fn find_mut(&mut self, number: u64) -> Option<&mut Entry> {
        let place = self.place(number)?;
        self.entries.get_mut(place)
    }

    /// Numbers are consecutive, so the place follows from the oldest one.
    fn place(&self, number: u64) -> Option<usize> {
        let oldest = self.entries.front()?.number;
        usize::try_from(number.checked_sub(oldest)?).ok()
    }

    fn drop_oldest(&mut self) {
        let Some(oldest) = self.entries.pop_front() else { return };
        self.size -= oldest.size();
        for hash in hashes(&oldest.call) {
            if self.latest.get(&hash) == Some(&oldest.number) {
                self.latest.remove(&hash);
            }
        }
    }
}

/// What a repeated request has in common with the one before.
fn hashes(call: &Call) -> Vec<u64> {
    let hash = |part: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        (call.method_name(), &call.path).hash(&mut hasher);
        part(&mut hasher);
        hasher.finish()
    };
    let same_content = hash(&|hasher| (&call.query, &call.body, call.body_length).hash(hasher));
    let id = call.header("client-request-id");
    let same_id = id.map(|id| hash(&|hasher| ("client-request-id", &call.query, id).hash(hasher)));
    [Some(same_content), same_id].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
