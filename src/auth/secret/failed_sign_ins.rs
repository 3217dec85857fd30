//! Limits failed sign-ins, by user and by address. Knows no password.
//!
//! Each user and each address has a counter that a failure raises and that time lowers. An attempt
//! counts as a failure until it succeeds, so that attempts at the same time are limited too. An attempt
//! on a user that is blocked is refused before it counts for its address: whoever tries a thousand
//! passwords of one user does not block the other users of that address.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// How many sign-ins of a user may fail at once.
const MAX_FAILURES_OF_USER: f64 = 10.0;
/// How many sign-ins from an address may fail at once.
const MAX_FAILURES_OF_ADDRESS: f64 = 100.0;
/// The time after which one more sign-in of a user may fail.
const PAUSE_OF_USER: Duration = Duration::from_secs(30);
/// The time after which one more sign-in from an address may fail.
const PAUSE_OF_ADDRESS: Duration = Duration::from_secs(1);
/// How many users and addresses are counted, and how many familiar addresses are known. Beyond it, what
/// is oldest is forgotten.
const MAX_COUNTED: usize = 10_000;

#[derive(Default)]
pub struct FailedSignIns(Mutex<Counters>);

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
}

/// A sign-in that is permitted. It has failed, unless [`Attempt::succeed`] is called.
#[must_use]
pub struct Attempt<'a> {
    counters: &'a FailedSignIns,
    user: Option<Uuid>,
    address: IpAddr,
    keys: Vec<Key>,
}

impl FailedSignIns {
    /// Begins a sign-in of a user, or of an application (`None`). `None` if too many have failed.
    pub fn begin(&self, user: Option<Uuid>, address: IpAddr) -> Option<Attempt<'_>> {
        self.begin_at(user, network(address), Instant::now())
    }

    fn begin_at(&self, user: Option<Uuid>, address: IpAddr, now: Instant) -> Option<Attempt<'_>> {
        let mut counters = self.lock();
        let of_user = user.map(|user| {
            let is_familiar = counters.familiar.contains(&(user, address));
            Key::User(user, is_familiar.then_some(address))
        });
        let keys: Vec<Key> = of_user.into_iter().chain([Key::Address(address)]).collect();
        if keys.iter().any(|key| counters.failures(*key, now) + 1.0 > key.limit()) {
            return None;
        }
        keys.iter().for_each(|key| counters.count(*key, now));
        drop(counters);
        Some(Attempt { counters: self, user, address, keys })
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// Takes back what the attempt counted. The address is familiar from now on.
    pub fn succeed(self) {
        let mut counters = self.counters.lock();
        for key in &self.keys {
            if let Some(counter) = counters.failures.get_mut(key) {
                counter.failures = (counter.failures - 1.0).max(0.0);
            }
        }
        if let Some(user) = self.user {
            if counters.familiar.len() >= MAX_COUNTED {
                counters.familiar.clear();
            }
            counters.familiar.insert((user, self.address));
        }
    }
}

impl Counters {
    /// The failures that still count.
    fn failures(&self, key: Key, now: Instant) -> f64 {
        self.failures.get(&key).map_or(0.0, |counter| counter.remaining(key, now))
    }

    fn count(&mut self, key: Key, now: Instant) {
        if self.failures.len() >= MAX_COUNTED && !self.failures.contains_key(&key) {
            self.failures.retain(|key, counter| counter.remaining(*key, now) > 0.0);
            if self.failures.len() >= MAX_COUNTED {
                let oldest = self.failures.iter().min_by_key(|(_, counter)| counter.counted);
                let oldest = oldest.map(|(key, _)| *key);
                oldest.map(|key| self.failures.remove(&key));
            }
        }
        let failures = self.failures(key, now) + 1.0;
        self.failures.insert(key, Counter { failures, counted: now });
    }
}

impl Counter {
    fn remaining(self, key: Key, now: Instant) -> f64 {
        let pauses = now.duration_since(self.counted).div_duration_f64(key.pause());
        (self.failures - pauses).max(0.0)
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
mod tests {
    use super::*;

    const ADA: Option<Uuid> = Some(Uuid::from_u128(1));
    const BOB: Option<Uuid> = Some(Uuid::from_u128(2));

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    /// How many of these attempts are permitted and fail.
    fn fail(limits: &FailedSignIns, user: Option<Uuid>, from: IpAddr, now: Instant) -> usize {
        (0..1000).filter_map(|_| limits.begin_at(user, from, now)).count()
    }

    #[test]
    fn a_thousand_failures_of_one_user_block_no_other_user_of_the_address() {
        let (limits, now) = (FailedSignIns::default(), Instant::now());
        assert_eq!(fail(&limits, ADA, address(1), now), 10);
        assert!(limits.begin_at(ADA, address(2), now).is_none(), "the user is blocked elsewhere");
        assert!(limits.begin_at(BOB, address(1), now).is_some());
        assert!(limits.begin_at(ADA, address(2), now + PAUSE_OF_USER).is_some(), "time passed");
    }

    #[test]
    fn failures_of_many_users_block_their_address_only() {
        let (limits, now) = (FailedSignIns::default(), Instant::now());
        let users = (0..1000).map(|user| Some(Uuid::from_u128(user)));
        let tried = users.filter_map(|user| limits.begin_at(user, address(1), now)).count();
        assert_eq!(tried, 100);
        assert!(limits.begin_at(None, address(1), now).is_none());
        assert!(limits.begin_at(Some(Uuid::from_u128(999)), address(2), now).is_some());
    }

    #[test]
    fn strangers_do_not_lock_a_user_out_of_a_familiar_address() {
        let (limits, now) = (FailedSignIns::default(), Instant::now());
        limits.begin_at(ADA, address(1), now).unwrap().succeed();
        assert_eq!(fail(&limits, ADA, address(2), now), 10);
        assert_eq!(fail(&limits, ADA, address(1), now), 10, "it is limited as well");
    }

    #[test]
    fn successes_do_not_count() {
        let (limits, now) = (FailedSignIns::default(), Instant::now());
        for _ in 0..1000 {
            limits.begin_at(ADA, address(1), now).unwrap().succeed();
        }
    }

    #[test]
    fn the_counters_are_bounded() {
        let (limits, now) = (FailedSignIns::default(), Instant::now());
        for number in 0..2 * MAX_COUNTED as u128 {
            let user = Some(Uuid::from_u128(number));
            let from = IpAddr::from((number as u32).to_be_bytes());
            limits.begin_at(user, from, now).unwrap().succeed();
        }
        let counters = limits.lock();
        assert!(counters.failures.len() <= MAX_COUNTED && counters.familiar.len() <= MAX_COUNTED);
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), address(1));
    }
}
