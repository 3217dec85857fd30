//! One tenant of the twin in memory: its clock, its settings, and the traffic of its clients.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use tokio::sync::{
    Mutex, MutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock as AsyncRwLock,
};
use uuid::Uuid;

use super::members::name_of;
use super::settings::{PROFILES, Settings, course};
use super::traffic::Traffic;
use crate::clock::{Clock, Course, VirtualClock};
use crate::error::{Error, Result, TwinReason};
use crate::model::permission::Profile;
use crate::sql::{TwinClockRow, TwinTenantRow};

/// A tenant of the twin.
#[derive(Debug)]
pub struct Tenant {
    pub id: Uuid,
    /// The `id` in the control API.
    pub handle: String,
    pub clock: Arc<VirtualClock>,
    /// Tenants are listed in the order of their numbers.
    pub(super) number: u64,
    traffic: Traffic,
    state: RwLock<State>,
    /// Whether a client has changed something since the start or the last reset.
    is_changed: AtomicBool,
    /// Whether the tenant is being removed, or was.
    is_removed: AtomicBool,
    /// The generation of the contents, see [`Settings::seed`].
    generation: AtomicU32,
    /// Held by requests of clients. A reset waits for those under way.
    requests: Arc<AsyncRwLock<()>>,
    /// Held by a request of the control API that changes the tenant.
    control: Mutex<()>,
}

#[derive(Clone, Debug)]
struct State {
    settings: Settings,
    /// The snapshot that a reset restores.
    start: Option<Uuid>,
    expires_at: DateTime<Utc>,
}

impl Tenant {
    pub(super) fn new(
        id: Uuid,
        handle: String,
        settings: Settings,
        start: Option<Uuid>,
        expires_at: DateTime<Utc>,
        number: u64,
    ) -> Self {
        let course = settings.clock.map(super::StartClock::started);
        let generation = settings.generation;
        let clock = Arc::new(VirtualClock::new(course, settings.seed(generation)));
        Self {
            id,
            handle,
            clock,
            number,
            traffic: Traffic::new(&settings),
            state: RwLock::new(State { settings, start, expires_at }),
            is_changed: AtomicBool::new(false),
            is_removed: AtomicBool::new(false),
            generation: AtomicU32::new(generation),
            requests: Arc::default(),
            control: Mutex::default(),
        }
    }

    /// A tenant that an earlier server made, with its `id` in the control API.
    pub(super) fn from_row(row: &TwinTenantRow, handle: String, number: u64) -> Self {
        // A tenant that is left out would never expire, and nobody could take its `id`.
        let settings = serde_json::from_str(&row.settings).unwrap_or_else(|error| {
            tracing::error!(id = handle, %error, "a test tenant gets the usual settings: its own cannot be read");
            Settings { permissions: name_of(Profile::Seed, PROFILES).into(), ..Settings::default() }
        });
        // Nobody knows how many ids the earlier server made.
        let seed =
            settings.seed(settings.generation).map(|seed| format!("{seed}\n{}", Uuid::new_v4()));
        let expires_at = row.expires_at.and_then(DateTime::from_timestamp_micros);
        // Without a time it expires at once.
        let expires_at = expires_at.unwrap_or_default();
        let clock = row.clock.as_ref().map(|clock| course(clock.at, clock.since, clock.rate));
        let tenant = Self::new(row.id, handle, settings, row.start, expires_at, number);
        tenant.clock.set_course(clock);
        tenant.clock.restart_ids(seed);
        // Nobody knows whether a client has changed something.
        tenant.is_changed.store(true, Ordering::Relaxed);
        tenant
    }

    /// The row of the tenant as it is now.
    pub(super) fn row(&self) -> TwinTenantRow {
        self.row_with(self.clock.course())
    }

    /// The row of the tenant with another course of its clock.
    pub(super) fn row_with(&self, course: Option<Course>) -> TwinTenantRow {
        let State { settings, expires_at, .. } = self.state();
        self.row_of(&settings, expires_at, course)
    }

    /// The row of the tenant with other settings, another end and another course of its clock.
    pub(super) fn row_of(
        &self,
        settings: &Settings,
        expires_at: DateTime<Utc>,
        course: Option<Course>,
    ) -> TwinTenantRow {
        TwinTenantRow {
            id: self.id,
            handle: Some(self.handle.clone()),
            snapshot: None,
            start: self.start(),
            settings: serde_json::to_string(settings).unwrap_or_default(),
            clock: course.map(|course| TwinClockRow {
                at: course.at.timestamp_micros(),
                since: course.since.timestamp_micros(),
                rate: course.rate,
            }),
            expires_at: Some(expires_at.timestamp_micros()),
        }
    }

    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state().settings
    }

    #[must_use]
    pub fn start(&self) -> Option<Uuid> {
        self.state().start
    }

    /// When the tenant is removed, in real time.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.state().expires_at
    }

    #[must_use]
    pub fn profile(&self) -> Profile {
        self.state.read().unwrap_or_else(PoisonError::into_inner).settings.profile()
    }

    /// The clock of the tenant as requests have it.
    #[must_use]
    pub fn own_clock(&self) -> Clock {
        Clock::Virtual(Arc::clone(&self.clock))
    }

    /// The present time of the tenant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The rules, the throttle and the record of the tenant.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Notes that a client may change something.
    pub fn note_change(&self) {
        self.is_changed.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.is_changed.load(Ordering::Relaxed)
    }

    /// A client's request, which a reset waits for until the value is dropped.
    ///
    /// # Errors
    /// If the tenant was removed meanwhile: nobody would remove what the request writes.
    pub async fn enter(&self) -> Result<OwnedRwLockReadGuard<()>> {
        let entered = Arc::clone(&self.requests).read_owned().await;
        match self.is_removed.load(Ordering::Relaxed) {
            false => Ok(entered),
            true => Err(Error::TokenRefused("the tenant was removed".into())),
        }
    }

    /// Waits for the requests of clients under way, and keeps others waiting.
    pub(super) async fn stop_requests(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.requests).write_owned().await
    }

    /// Keeps other changes by the control API waiting.
    ///
    /// # Errors
    /// If one of them removed the tenant.
    pub(super) async fn control(&self) -> Result<MutexGuard<'_, ()>> {
        let control = self.control.lock().await;
        match self.is_removed.load(Ordering::Relaxed) {
            false => Ok(control),
            true => Err(self.unknown()),
        }
    }

    /// The error of a request of the control API that meets the removal of the tenant.
    #[must_use]
    pub fn unknown(&self) -> Error {
        TwinReason::Unknown { kind: "tenant", id: self.handle.clone() }.into()
    }

    /// Waits for changes and requests under way; all later ones are refused.
    pub(super) async fn end(&self) {
        let _control = self.control.lock().await;
        self.is_removed.store(true, Ordering::Relaxed);
        drop(self.stop_requests().await);
    }

    /// The generation of the contents.
    pub(super) fn generation(&self) -> u32 {
        self.generation.load(Ordering::Relaxed)
    }

    /// The contents are of this generation. Seeded ids begin again.
    pub(super) fn begin_generation(&self, generation: u32) {
        self.generation.store(generation, Ordering::Relaxed);
        self.clock.restart_ids(self.settings().seed(generation));
    }

    /// The clock for contents that the control API writes, with ids of their own: a reset restores the
    /// contents, and begins again with the ids of clients.
    #[must_use]
    pub fn clock_of_contents(&self) -> Clock {
        let seed = self.settings().seed(self.generation()).map(|seed| format!("{seed}\ncontents"));
        Clock::Virtual(Arc::new(VirtualClock::new(self.clock.course(), seed)))
    }

    pub(super) fn set_unchanged(&self) {
        self.is_changed.store(false, Ordering::Relaxed);
    }

    pub(super) fn set_start(&self, start: Option<Uuid>) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).start = start;
    }

    pub(super) fn set_settings(&self, settings: Settings, expires_at: DateTime<Utc>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        (state.settings, state.expires_at) = (settings, expires_at);
    }

    fn state(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
