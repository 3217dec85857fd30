//! The time of a request, and the ids that the server makes for it: those of this machine, or those of
//! a tenant of the test twin. Also which ids such tenants have. Knows no tenant and no request.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::{Builder, NoContext, Timestamp, Uuid};

/// The last second that tokens and ids can have: 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;

/// What all ids of the twin's tenants have in common, version and variant of a UUID included.
const TWIN_PREFIX: u128 = 0x7e57_0000_7714_8000_8000_0000_0000_0000;
/// The bits of such an id that are random.
const TWIN_RANDOM: u128 = 0x0000_0000_0000_0fff_3fff_ffff_ffff_ffff;

/// Whether an id has the prefix of the tenants that the test twin makes.
#[must_use]
pub fn is_twin_id(id: Uuid) -> bool {
    id.as_u128() & !TWIN_RANDOM == TWIN_PREFIX
}

/// A new id with the prefix: a UUID of version 8.
#[must_use]
pub fn new_twin_id() -> Uuid {
    Uuid::from_u128(TWIN_PREFIX | (Uuid::new_v4().as_u128() & TWIN_RANDOM))
}

/// The clock of a request.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The clock of this machine.
    #[default]
    Real,
    /// The clock of a tenant of the test twin.
    Virtual(Arc<VirtualClock>),
}

/// How a virtual clock goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// The virtual time at the real time `since`.
    pub at: DateTime<Utc>,
    pub since: DateTime<Utc>,
    /// Virtual seconds that pass in a real second; 0 if the clock is frozen.
    pub rate: f64,
}

/// A clock that can be frozen, advanced and made faster, and that can make the same ids in each run.
#[derive(Debug)]
pub struct VirtualClock {
    /// `None` while the clock shows the real time.
    course: RwLock<Option<Course>>,
    /// `None` if ids are random.
    ids: Option<SeededIds>,
}

/// Ids that follow from a seed, and from how many ids were made before.
struct SeededIds {
    seed: RwLock<String>,
    made: AtomicU64,
    requests: AtomicU64,
}

impl Clock {
    /// The present time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Real => Utc::now(),
            Self::Virtual(clock) => clock.now(),
        }
    }

    /// The id of a new entity, a version 7 UUID.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        match self {
            Self::Real => Uuid::now_v7(),
            Self::Virtual(clock) => clock.new_id(),
        }
    }

    /// The id of a request, if the clock decides it.
    #[must_use]
    pub fn request_id(&self) -> Option<Uuid> {
        match self {
            Self::Real => None,
            Self::Virtual(clock) => clock.ids.as_ref().map(SeededIds::of_request),
        }
    }
}

impl Course {
    /// The virtual time at a real time. The database computes the same: `present_time` in
    /// `migrations/twin/on.sql`.
    #[must_use]
    pub fn at_real(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        let passed = real.signed_duration_since(self.since).num_microseconds().unwrap_or(i64::MAX);
        #[expect(clippy::cast_possible_truncation, reason = "a conversion of floats saturates")]
        let passed = (passed as f64 * self.rate) as i64;
        let last = DateTime::from_timestamp(LAST_SECOND, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let now = self.at.checked_add_signed(TimeDelta::microseconds(passed));
        now.unwrap_or(last).min(last)
    }
}

impl VirtualClock {
    /// A clock with this course, or with the real time. With a `seed`, ids are the same in each run.
    #[must_use]
    pub fn new(course: Option<Course>, seed: Option<String>) -> Self {
        let ids = seed.map(|seed| SeededIds {
            seed: RwLock::new(seed),
            made: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        });
        Self { course: RwLock::new(course), ids }
    }

    /// The present time of this clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let real = Utc::now();
        self.course().map_or(real, |course| course.at_real(real))
    }

    /// How the clock goes; `None` if it shows the real time.
    #[must_use]
    pub fn course(&self) -> Option<Course> {
        *self.course.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes how the clock goes.
    pub fn set_course(&self, course: Option<Course>) {
        *self.course.write().unwrap_or_else(PoisonError::into_inner) = course;
    }

    /// Begins again with the first of the ids that follow from a seed, if the ids have one.
    pub fn restart_ids(&self, seed: Option<String>) {
        if let (Some(ids), Some(seed)) = (&self.ids, seed) {
            *ids.seed.write().unwrap_or_else(PoisonError::into_inner) = seed;
            ids.made.store(0, Ordering::Relaxed);
            ids.requests.store(0, Ordering::Relaxed);
        }
    }

    fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        match &self.ids {
            None => {
                Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
            }
            Some(ids) => {
                let millis = seconds * 1000 + u64::from(now.timestamp_subsec_millis());
                Builder::from_unix_timestamp_millis(millis, &ids.of_entity()).into_uuid()
            }
        }
    }
}

impl SeededIds {
    /// The random part of the next id of an entity.
    fn of_entity(&self) -> [u8; 10] {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        self.first_bytes(&format!("entity\n{number}"))
    }

    fn of_request(&self) -> Uuid {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        Builder::from_random_bytes(self.first_bytes(&format!("request\n{number}"))).into_uuid()
    }

    /// The first bytes of the digest of the seed and a text.
    fn first_bytes<const COUNT: usize>(&self, text: &str) -> [u8; COUNT] {
        let seed = self.seed.read().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = [0; COUNT];
        let hash = digest(&SHA256, format!("{seed}\n{text}").as_bytes());
        bytes.copy_from_slice(&hash.as_ref()[..COUNT]);
        bytes
    }
}

impl fmt::Debug for SeededIds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SeededIds").field("seed", &self.seed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn an_id_of_the_twin_is_told_by_its_prefix() {
        for _ in 0..1000 {
            let id = new_twin_id();
            assert!(is_twin_id(id), "{id}");
            assert!(id.to_string().starts_with("7e570000-7714-8"), "{id}");
            assert_eq!(id.get_version_num(), 8);
        }
        for other in [
            "7e570000-0000-4000-8000-000000000001",
            "7e570000-7714-4000-8000-000000000001",
            "7e570000-7715-8000-8000-000000000001",
            "7e570000-7714-8000-0000-000000000001",
        ] {
            assert!(!is_twin_id(other.parse().unwrap()), "{other}");
        }
    }

    fn frozen(seed: &str) -> Clock {
        let course = Course { at: time(1_700_000_000), since: time(0), rate: 0.0 };
        Clock::Virtual(Arc::new(VirtualClock::new(Some(course), Some(seed.into()))))
    }

    #[test]
    fn a_course_has_its_own_speed_and_ends_with_the_calendar() {
        let course = Course { at: time(1000), since: time(10), rate: 60.0 };
        assert_eq!(course.at_real(time(10)), time(1000));
        assert_eq!(course.at_real(time(12)), time(1120));
        assert_eq!(Course { rate: 0.0, ..course }.at_real(time(1_000_000)), time(1000));
        assert_eq!(Course { rate: 0.5, ..course }.at_real(time(12)), time(1001));
        let late = Course { at: time(LAST_SECOND - 1), since: time(0), rate: 1e6 };
        assert_eq!(late.at_real(time(1_700_000_000)), time(LAST_SECOND));
    }

    #[test]
    fn a_seed_makes_the_same_ids_in_each_run_with_the_time_of_the_clock() {
        let ids = |clock: &Clock| [clock.new_id(), clock.new_id(), clock.request_id().unwrap()];
        let first = ids(&frozen("a"));
        assert_eq!(first, ids(&frozen("a")));
        assert_ne!(first, ids(&frozen("b")));
        assert_ne!(first[0], first[1]);
        assert_eq!(first.map(|id| id.get_version_num()), [7, 7, 4]);
        let (seconds, _) = first[0].get_timestamp().unwrap().to_unix();
        assert_eq!(seconds, 1_700_000_000);
    }

    #[test]
    fn the_ids_begin_again_after_a_restart() {
        let clock = frozen("a");
        let Clock::Virtual(own) = &clock else { panic!("the clock is virtual") };
        let first = (clock.new_id(), clock.request_id());
        own.restart_ids(Some("a".into()));
        assert_eq!(first, (clock.new_id(), clock.request_id()));
        own.restart_ids(Some("b".into()));
        assert_ne!(first, (clock.new_id(), clock.request_id()));
    }

    #[test]
    fn a_virtual_clock_without_a_course_shows_the_real_time() {
        let clock = VirtualClock::new(None, None);
        assert!((Utc::now() - clock.now()).num_seconds().abs() < 60);
        assert_eq!(Clock::Virtual(Arc::new(clock)).request_id(), None);
    }
}
