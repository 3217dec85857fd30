//! What the control API does with tenants and snapshots: makes, resets and removes them, in the database
//! first and in memory then.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::settings::{Settings, StartClock};
use super::tenant::Tenant;
use super::{Twin, new_twin_id};
use crate::auth::Authorized;
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
    /// The tenant or snapshot whose rows are copied.
    source: Uuid,
    /// Whether the rows may change while the new tenant lives.
    is_tenant: bool,
    /// The clock of the new tenant, unless it is given; `None` for the real time.
    pub clock: Option<StartClock>,
}

/// What a reset leaves as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    pub clock: bool,
    pub rules: bool,
    pub throttle: bool,
    pub record: bool,
}

impl Kept {
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
            return Ok(Origin { source: snapshot.id, is_tenant: false, clock: snapshot.clock });
        }
        Ok(Self::origin_of_tenant(&*self.tenant(name)?))
    }

    /// A tenant as what another one is a copy of.
    #[must_use]
    pub fn origin_of_tenant(tenant: &Tenant) -> Origin {
        let clock = tenant.clock.course().map(StartClock::of_course);
        Origin { source: tenant.id, is_tenant: true, clock }
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// If the `id` is taken, there are too many tenants, or the database fails.
    pub async fn create(&self, store: &Store, new: NewTenant) -> Result<Arc<Tenant>> {
        let id = new_twin_id();
        let handle = new.handle.clone().unwrap_or_else(|| id.to_string());
        let number = self.registry.reserve_tenant(&handle)?;
        let added = self.add(store, id, handle.clone(), new, number).await;
        added.inspect_err(|_| self.registry.release_tenant(&handle))
    }

    async fn add(
        &self,
        store: &Store,
        id: Uuid,
        handle: String,
        new: NewTenant,
        number: u64,
    ) -> Result<Arc<Tenant>> {
        let start = match &new.origin {
            None => None,
            // A reset restores the rows of now.
            Some(Origin { source, is_tenant: true, .. }) => {
                Some(self.keep(store, *source, None, None).await?)
            }
            Some(Origin { source, .. }) => {
                self.registry.pin(*source)?;
                Some(*source)
            }
        };
        let expires_at = expiry(new.time_to_live);
        let tenant = Tenant::new(id, handle, new.settings, start, expires_at, number);
        let added = store.add_twin_tenant(&tenant.row(), start).await;
        let added = added.map(|_| self.registry.add(tenant));
        start.into_iter().for_each(|id| self.registry.unpin(id));
        added
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
        let to = to.map(|name| self.registry.snapshot_by_name(name)).transpose()?;
        let _control = tenant.control().await;
        let _requests = tenant.stop_requests().await;
        let (source, clock) = match &to {
            None => (tenant.start(), tenant.settings().clock),
            Some(snapshot) => (Some(snapshot.id), snapshot.clock),
        };
        let before = tenant.clock.course();
        let clock = if keep.clock { before } else { clock.map(StartClock::started) };
        tenant.clock.set_course(clock);
        let is_changed = tenant.is_changed() || to.is_some();
        let row = tenant.row();
        let done = match is_changed {
            true => store.reset_twin_tenant(&row, source).await.map(drop),
            false if before == clock => Ok(()),
            false => store.change_twin_tenant(&row).await,
        };
        if done.is_err() {
            tenant.clock.set_course(before);
            return done;
        }
        tenant.clock.restart_ids();
        tenant.traffic().restart(&tenant.settings(), keep);
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
        self.registry.reserve_snapshot(name)?;
        let _control = tenant.control().await;
        let _requests = tenant.stop_requests().await;
        let clock = tenant.clock.course().map(StartClock::of_course);
        let kept = self.keep(store, tenant.id, Some(name.to_owned()), clock).await;
        kept.map(drop).inspect_err(|_| self.registry.release_snapshot(name))
    }

    /// Removes a snapshot. Tenants that began with it can still be reset to it.
    ///
    /// # Errors
    /// If there is none, or the database fails.
    pub async fn remove_snapshot(&self, store: &Store, name: &str) -> Result<()> {
        let snapshot = self.registry.snapshot_by_name(name)?;
        store.change_twin_tenant(&snapshot_row(snapshot.id, None, snapshot.clock)).await?;
        self.registry.hide_snapshot(snapshot.id);
        self.remove_forgotten(store).await
    }

    /// Removes tenants. Their tokens are refused at once.
    ///
    /// # Errors
    /// If the database fails; the rest is removed later.
    pub async fn remove(&self, store: &Store, tenants: &[Arc<Tenant>]) -> Result<()> {
        for tenant in tenants {
            let _control = tenant.control().await;
            self.registry.forget(tenant.id);
            // The requests under way may still write.
            drop(tenant.stop_requests().await);
        }
        self.remove_forgotten(store).await
    }

    /// Replaces the contents of a tenant by what plans create. A reset restores these contents then.
    ///
    /// # Errors
    /// If a plan fails, or the database does; nothing is changed then.
    pub async fn seed(&self, store: &Store, tenant: &Tenant, plans: &[Authorized]) -> Result<()> {
        let _control = tenant.control().await;
        let _requests = tenant.stop_requests().await;
        store.replace_contents(tenant.id, plans).await?;
        tenant.note_change();
        let start = self.keep(store, tenant.id, None, None).await?;
        tenant.set_start(Some(start));
        let changed = store.change_twin_tenant(&tenant.row()).await;
        self.registry.unpin(start);
        changed?;
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
        settings: Settings,
        time_to_live: Option<Duration>,
    ) -> Result<()> {
        let _control = tenant.control().await;
        let expires_at = time_to_live.map_or_else(|| tenant.expires_at(), expiry);
        let before = (tenant.settings(), tenant.expires_at());
        tenant.set_settings(settings, expires_at);
        let changed = store.change_twin_tenant(&tenant.row()).await;
        changed.inspect_err(|_| tenant.set_settings(before.0, before.1))
    }

    /// Removes from the database what was forgotten here.
    pub(super) async fn remove_forgotten(&self, store: &Store) -> Result<()> {
        self.registry.forget_unused_snapshots();
        let doomed = self.registry.take_doomed();
        for (index, id) in doomed.iter().enumerate() {
            let removed = store.remove_twin_tenant(*id).await;
            removed.inspect_err(|_| self.registry.doom(&doomed[index..]))?;
        }
        Ok(())
    }

    /// Copies a tenant into a new snapshot; returns its id.
    async fn keep(
        &self,
        store: &Store,
        source: Uuid,
        name: Option<String>,
        clock: Option<StartClock>,
    ) -> Result<Uuid> {
        let id = new_twin_id();
        store.add_twin_tenant(&snapshot_row(id, name.clone(), clock), Some(source)).await?;
        self.registry.add_snapshot(id, name, clock);
        Ok(id)
    }
}

fn snapshot_row(id: Uuid, snapshot: Option<String>, clock: Option<StartClock>) -> TwinTenantRow {
    let settings = serde_json::to_string(&clock).unwrap_or_default();
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
