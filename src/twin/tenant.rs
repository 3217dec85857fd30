//! One tenant of the twin in memory: its clock, its settings, and the traffic of its clients.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use tokio::sync::{
    Mutex, MutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock as AsyncRwLock,
};
use uuid::Uuid;

use super::settings::{Settings, course};
use super::traffic::Traffic;
use crate::clock::{Clock, Course, VirtualClock};
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
        let clock = Arc::new(VirtualClock::new(course, settings.seed()));
        Self {
            id,
            handle,
            clock,
            number,
            traffic: Traffic::new(&settings),
            state: RwLock::new(State { settings, start, expires_at }),
            is_changed: AtomicBool::new(false),
            requests: Arc::default(),
            control: Mutex::default(),
        }
    }

    /// A tenant that an earlier server made; `None` for a row of a snapshot.
    pub(super) fn from_row(row: TwinTenantRow, number: u64) -> Option<Self> {
        let settings: Settings = serde_json::from_str(&row.settings).ok()?;
        let expires_at = DateTime::from_timestamp_micros(row.expires_at?)?;
        let clock = row.clock.map(|clock| course(clock.at, clock.since, clock.rate));
        let tenant = Self::new(row.id, row.handle?, settings, row.start, expires_at, number);
        tenant.clock.set_course(clock);
        // Nobody knows whether a client has changed something.
        tenant.is_changed.store(true, Ordering::Relaxed);
        Some(tenant)
    }

    /// The row of the tenant as it is now.
    pub(super) fn row(&self) -> TwinTenantRow {
        self.row_with(self.clock.course())
    }

    /// The row of the tenant with another course of its clock.
    pub(super) fn row_with(&self, course: Option<Course>) -> TwinTenantRow {
        let State { settings, start, expires_at } = self.state();
        TwinTenantRow {
            id: self.id,
            handle: Some(self.handle.clone()),
            snapshot: None,
            start,
            settings: serde_json::to_string(&settings).unwrap_or_default(),
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
    pub async fn enter(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.requests).read_owned().await
    }

    /// Waits for the requests of clients under way, and keeps others waiting.
    pub(super) async fn stop_requests(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.requests).write_owned().await
    }

    /// Keeps other changes by the control API waiting.
    pub(super) async fn control(&self) -> MutexGuard<'_, ()> {
        self.control.lock().await
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
