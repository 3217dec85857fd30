//! Limits failed sign-ins, by user and by address. Knows no password.
//!
//! Each user and each address has a counter that a failure raises and that time lowers. An attempt that
//! is still under way might fail, so it counts too; another one that would be too many waits for its
//! end. An attempt on a user that is blocked is refused before it counts for its address: whoever tries
//! a thousand passwords of one user does not block the other users of that address.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use uuid::Uuid;

use crate::error::{Error, Result, SignInReason};

/// How many sign-ins of a user may fail at once.
const MAX_FAILURES_OF_USER: f64 = 10.0;
/// How many sign-ins from an address may fail at once.
const MAX_FAILURES_OF_ADDRESS: f64 = 100.0;
/// The time after which one more sign-in of a user may fail.
const PAUSE_OF_USER: Duration = Duration::from_secs(30);
/// The time after which one more sign-in from an address may fail.
const PAUSE_OF_ADDRESS: Duration = Duration::from_secs(1);
/// How long a sign-in waits for the end of others that may succeed.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// How many users and addresses are counted, and how many familiar addresses are known. Beyond it, what
/// is oldest is forgotten.
const MAX_COUNTED: usize = 10_000;

#[derive(Default)]
pub struct FailedSignIns {
    counters: Mutex<Counters>,
    /// Notified when an attempt ends.
    ended: Notify,
}

#[derive(Default)]
struct Counters {
    failures: HashMap<Key, Counter>,
    /// Addresses from which a user has signed in. They have a counter of their own, so that strangers
    /// elsewhere do not lock the user out.
    familiar: HashSet<(Uuid, IpAddr)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// A user, at a familiar address or at all others.
    User(Uuid, Option<IpAddr>),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Counter {
    failures: f64,
    counted: Instant,
    under_way: u32,
}

/// A sign-in that is permitted. It has failed when it is dropped, unless [`Attempt::succeed`] or
/// [`Attempt::cancel`] is called. So a client that closes its connection does not escape the limits.
#[must_use]
pub struct Attempt<'a> {
    limits: &'a FailedSignIns,
    user: Option<Uuid>,
    address: IpAddr,
    keys: Vec<Key>,
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Failed,
    Succeeded,
    Cancelled,
}

/// Whether a sign-in may begin.
enum Decision<'a> {
    Begun(Attempt<'a>),
    /// Too many are under way, which may succeed.
    Wait,
    Blocked,
}

impl FailedSignIns {
    /// Begins a sign-in of a user, or of an application (`None`).
    ///
    /// # Errors
    /// [`SignInReason::Blocked`] if too many have failed, [`Error::Unavailable`] if too many are under
    /// way for too long.
    pub async fn begin(&self, user: Option<Uuid>, address: IpAddr) -> Result<Attempt<'_>> {
        self.begin_within(user, address, ATTEMPT_TIMEOUT).await
    }

    async fn begin_within(
        &self,
        user: Option<Uuid>,
        address: IpAddr,
        timeout: Duration,
    ) -> Result<Attempt<'_>> {
        let waited = tokio::time::timeout(timeout, async {
            loop {
                let ended = self.ended.notified();
                match self.decide(user, network(address), Instant::now()) {
                    Decision::Begun(attempt) => return Ok(attempt),
                    Decision::Blocked => return Err(SignInReason::Blocked.into()),
                    Decision::Wait => ended.await,
                }
            }
        });
        waited.await.unwrap_or_else(|_| {
            let cause = "too many sign-ins of a user or an address are under way".into();
            Err(Error::Unavailable { retry_after: 1, cause })
        })
    }

    fn decide(&self, user: Option<Uuid>, address: IpAddr, now: Instant) -> Decision<'_> {
        let mut counters = self.lock();
        let of_user = user.map(|user| {
            let is_familiar = counters.familiar.contains(&(user, address));
            Key::User(user, is_familiar.then_some(address))
        });
        let keys: Vec<Key> = of_user.into_iter().chain([Key::Address(address)]).collect();
        let of = |key: &Key| counters.counter(*key, now);
        if keys.iter().any(|key| of(key).failures + 1.0 > key.limit()) {
            return Decision::Blocked;
        }
        let would_be = |counter: Counter| counter.failures + f64::from(counter.under_way) + 1.0;
        if keys.iter().any(|key| would_be(of(key)) > key.limit()) {
            return Decision::Wait;
        }
        for key in &keys {
            counters.change(*key, now, |counter| counter.under_way += 1);
        }
        Decision::Begun(Attempt { limits: self, user, address, keys, outcome: Outcome::Failed })
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// The attempt does not count. Its address is familiar to the user from now on.
    pub fn succeed(mut self) {
        self.outcome = Outcome::Succeeded;
    }

    /// The attempt does not count, since the server could not verify it.
    pub fn cancel(mut self) {
        self.outcome = Outcome::Cancelled;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let mut counters = self.limits.lock();
        let failures = if self.outcome == Outcome::Failed { 1.0 } else { 0.0 };
        for key in &self.keys {
            counters.change(*key, Instant::now(), |counter| {
                counter.under_way = counter.under_way.saturating_sub(1);
                counter.failures += failures;
            });
        }
        if let Some(user) = self.user.filter(|_| self.outcome == Outcome::Succeeded) {
            if counters.familiar.len() >= MAX_COUNTED {
                counters.familiar.clear();
            }
            counters.familiar.insert((user, self.address));
        }
        drop(counters);
        self.limits.ended.notify_waiters();
    }
}

impl Counters {
    /// The counter of a key, with the failures that still count.
    fn counter(&self, key: Key, now: Instant) -> Counter {
        let counter = self.failures.get(&key).copied();
        let none = Counter { failures: 0.0, counted: now, under_way: 0 };
        counter.map_or(none, |counter| counter.at(key, now))
    }

    fn change(&mut self, key: Key, now: Instant, change: impl FnOnce(&mut Counter)) {
        let mut counter = self.counter(key, now);
        change(&mut counter);
        if self.failures.len() >= MAX_COUNTED && !self.failures.contains_key(&key) {
            self.forget(now);
        }
        self.failures.insert(key, counter);
    }

    /// Forgets counters that count nothing, or else a tenth of them: those that counted longest ago.
    fn forget(&mut self, now: Instant) {
        self.failures.retain(|key, counter| counter.at(*key, now).counts());
        if self.failures.len() < MAX_COUNTED {
            return;
        }
        let mut times: Vec<Instant> = self.failures.values().map(|it| it.counted).collect();
        let (_, limit, _) = times.select_nth_unstable(MAX_COUNTED / 10);
        let limit = *limit;
        self.failures.retain(|_, counter| counter.counted > limit || counter.under_way > 0);
    }
}

impl Counter {
    /// The counter with the failures that still count at this time.
    fn at(self, key: Key, now: Instant) -> Self {
        let pauses = now.saturating_duration_since(self.counted).div_duration_f64(key.pause());
        Self { failures: (self.failures - pauses).max(0.0), counted: now, ..self }
    }

    fn counts(self) -> bool {
        self.under_way > 0 || self.failures > 0.0
    }
}

impl Key {
    fn limit(self) -> f64 {
        match self {
            Self::User(..) => MAX_FAILURES_OF_USER,
            Self::Address(_) => MAX_FAILURES_OF_ADDRESS,
        }
    }

    fn pause(self) -> Duration {
        match self {
            Self::User(..) => PAUSE_OF_USER,
            Self::Address(_) => PAUSE_OF_ADDRESS,
        }
    }
}

/// What counts as one address: an IPv4 address, or the 64 bits of an IPv6 network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests;
