//! What the control API does with tenants and snapshots: makes, resets and changes them, in the database
//! first and in memory then.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::Twin;
use super::attempt::{Attempt, Pin};
use super::settings::{Settings, SnapshotSettings, StartClock};
use super::tenant::Tenant;
use crate::auth::Authorized;
use crate::clock::new_twin_id;
use crate::error::Result;
use crate::sql::TwinTenantRow;
use crate::store::Store;

/// A tenant to be made.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The `id` in the control API; `None` for the tenant's GUID.
    pub handle: Option<String>,
    pub settings: Settings,
    pub origin: Option<Origin>,
    pub time_to_live: Duration,
}

/// What a new tenant is a copy of.
#[derive(Clone, Debug)]
pub struct Origin {
    source: Source,
    /// The clock of the new tenant, unless it is given; `None` for the real time.
    pub clock: Option<StartClock>,
    /// How many copies lie between the source and a tenant that began empty.
    generation: u32,
}

/// Whose rows are copied.
#[derive(Clone, Debug)]
enum Source {
    /// They may change while the new tenant lives.
    Tenant(Arc<Tenant>),
    Snapshot(Uuid),
}

/// A tenant that is being made: it has its `id` and its clock, and the database has nothing of it yet.
pub struct Draft<'a> {
    pub tenant: Tenant,
    origin: Option<Origin>,
    attempt: Attempt<'a>,
}

/// What a reset leaves as it is.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    pub clock: bool,
    pub rules: bool,
    pub throttle: bool,
    pub record: bool,
}

impl Kept {
    pub const NOTHING: Self = Self { clock: false, rules: false, throttle: false, record: false };

    /// What either of two leaves as it is.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            clock: self.clock || other.clock,
            rules: self.rules || other.rules,
            throttle: self.throttle || other.throttle,
            record: self.record || other.record,
        }
    }
}

impl Twin {
    /// What a name stands for: a snapshot, or else a tenant.
    ///
    /// # Errors
    /// If there is neither.
    pub fn origin(&self, name: &str) -> Result<Origin> {
        if let Ok(snapshot) = self.registry.snapshot_by_name(name) {
            let SnapshotSettings { clock, generation } = snapshot.settings;
            return Ok(Origin { source: Source::Snapshot(snapshot.id), clock, generation });
        }
        Ok(Self::origin_of_tenant(self.tenant(name)?))
    }

    /// A tenant as what another one is a copy of.
    #[must_use]
    pub fn origin_of_tenant(tenant: Arc<Tenant>) -> Origin {
        let SnapshotSettings { clock, generation } = SnapshotSettings::of(&tenant);
        Origin { source: Source::Tenant(tenant), clock, generation }
    }

    /// Begins to make a tenant.
    ///
    /// # Errors
    /// If the `id` is taken, or there are too many tenants.
    pub fn draft(&self, new: NewTenant) -> Result<Draft<'_>> {
        let NewTenant { handle, mut settings, origin, time_to_live } = new;
        let id = new_twin_id();
        let handle = handle.unwrap_or_else(|| id.to_string());
        let (attempt, number) = Attempt::of_tenant(&self.registry, id, &handle)?;
        settings.generation = origin.as_ref().map_or(0, |origin| origin.generation + 1);
        let tenant = Tenant::new(id, handle, settings, None, expiry(time_to_live), number);
        Ok(Draft { tenant, origin, attempt })
    }

    /// Makes a tenant, with what plans create if it is no copy.
    ///
    /// # Errors
    /// If the origin is gone, a plan fails, or the database does.
    pub async fn create(
        &self,
        store: &Store,
        draft: Draft<'_>,
        contents: Option<&[Authorized]>,
    ) -> Result<Arc<Tenant>> {
        let Draft { tenant, origin, mut attempt } = draft;
        let start = match (origin.map(|origin| origin.source), contents) {
            // A reset restores the rows of now.
            (Some(Source::Tenant(source)), _) => Some(self.keep(store, &source, None).await?),
            (Some(Source::Snapshot(id)), _) => Some(Pin::of(&self.registry, id)?),
            (None, Some(plans)) => Some(self.keep_new(store, &tenant, plans).await?),
            (None, None) => None,
        };
        tenant.set_start(start.as_ref().map(|start| start.id));
        attempt.store(store.add_twin_tenant(&tenant.row(), tenant.start())).await?;
        Ok(attempt.add_tenant(tenant))
    }

    /// Gives a tenant the contents that it had at the start, or those of a snapshot; its clock as well.
    /// Contents that no client has changed stay as they are.
    ///
    /// # Errors
    /// If there is no such snapshot, or the database fails.
    pub async fn reset(
        &self,
        store: &Store,
        tenant: &Tenant,
        to: Option<&str>,
        keep: Kept,
    ) -> Result<()> {
        let _control = tenant.control().await?;
        let _requests = tenant.stop_requests().await;
        let to = to.map(|name| self.registry.snapshot_by_name(name)).transpose()?;
        let settings = tenant.settings();
        let (source, start, generation) = match &to {
            None => (tenant.start(), settings.clock, settings.generation),
            Some(to) => (Some(to.id), to.settings.clock, to.settings.generation + 1),
        };
        let _source = source.map(|id| Pin::of(&self.registry, id)).transpose()?;
        let before = tenant.clock.course();
        let clock = if keep.clock { before } else { start.map(StartClock::started) };
        let row = tenant.row_with(clock);
        if tenant.is_changed() || to.is_some() {
            // Before the outcome is known: it never is if the reply of the database is lost.
            tenant.note_change();
            store.reset_twin_tenant(&row, source).await?;
        } else if before != clock {
            store.change_twin_tenant(&row).await?;
        }
        tenant.clock.set_course(clock);
        tenant.begin_generation(generation);
        tenant.traffic().restart(&settings, keep);
        match to {
            None => tenant.set_unchanged(),
            Some(_) => tenant.note_change(),
        }
        Ok(())
    }

    /// Keeps the contents of a tenant under a name.
    ///
    /// # Errors
    /// If the name is taken, there are too many snapshots, or the database fails.
    pub async fn snapshot(&self, store: &Store, tenant: &Tenant, name: &str) -> Result<()> {
        self.keep(store, tenant, Some(name)).await.map(drop)
    }

    /// Replaces the contents of a tenant by what plans create. A reset restores these contents then.
    ///
    /// # Errors
    /// If a plan fails, or the database does; nothing is changed then.
    pub async fn seed(&self, store: &Store, tenant: &Tenant, plans: &[Authorized]) -> Result<()> {
        let _control = tenant.control().await?;
        let _requests = tenant.stop_requests().await;
        let start = self.keep_new(store, tenant, plans).await?;
        let row = TwinTenantRow { start: Some(start.id), ..tenant.row() };
        // As in a reset: the outcome may stay unknown.
        tenant.note_change();
        store.reset_twin_tenant(&row, Some(start.id)).await?;
        tenant.set_start(Some(start.id));
        tenant.set_unchanged();
        Ok(())
    }

    /// Changes the settings of a tenant and how long it lives from now on.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn change(
        &self,
        store: &Store,
        tenant: &Tenant,
        change: impl FnOnce(&mut Settings),
        time_to_live: Option<Duration>,
    ) -> Result<()> {
        let _control = tenant.control().await?;
        let expires_at = time_to_live.map_or_else(|| tenant.expires_at(), expiry);
        let mut settings = tenant.settings();
        change(&mut settings);
        let row = tenant.row_of(&settings, expires_at, tenant.clock.course());
        store.change_twin_tenant(&row).await?;
        tenant.set_settings(settings, expires_at);
        Ok(())
    }

    /// Copies a tenant into a new snapshot, which has all of a moment: no request writes meanwhile.
    async fn keep(&self, store: &Store, tenant: &Tenant, name: Option<&str>) -> Result<Pin<'_>> {
        let id = new_twin_id();
        let mut attempt = Attempt::of_snapshot(&self.registry, id, name)?;
        let _control = tenant.control().await?;
        let _requests = tenant.stop_requests().await;
        let settings = SnapshotSettings::of(tenant);
        let row = snapshot_row(id, name.map(str::to_owned), settings);
        attempt.store(store.add_twin_tenant(&row, Some(tenant.id))).await?;
        Ok(attempt.add_snapshot(settings))
    }

    /// Makes a snapshot of what plans create, at the time of a tenant.
    async fn keep_new(
        &self,
        store: &Store,
        tenant: &Tenant,
        plans: &[Authorized],
    ) -> Result<Pin<'_>> {
        let id = new_twin_id();
        let mut attempt = Attempt::of_snapshot(&self.registry, id, None)?;
        let settings = SnapshotSettings::default();
        let row = TwinTenantRow { clock: tenant.row().clock, ..snapshot_row(id, None, settings) };
        attempt.store(store.add_twin_contents(&row, plans)).await?;
        Ok(attempt.add_snapshot(settings))
    }
}

impl SnapshotSettings {
    /// Those of a snapshot that is made of a tenant now.
    fn of(tenant: &Tenant) -> Self {
        let clock = tenant.clock.course().map(StartClock::of_course);
        Self { clock, generation: tenant.generation() }
    }
}

pub(super) fn snapshot_row(
    id: Uuid,
    snapshot: Option<String>,
    settings: SnapshotSettings,
) -> TwinTenantRow {
    let settings = serde_json::to_string(&settings).unwrap_or_default();
    TwinTenantRow {
        id,
        handle: None,
        snapshot,
        start: None,
        settings,
        clock: None,
        expires_at: None,
    }
}

fn expiry(time_to_live: Duration) -> DateTime<Utc> {
    Utc::now() + TimeDelta::from_std(time_to_live).unwrap_or(TimeDelta::MAX)
}
