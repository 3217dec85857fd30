//! The tenants and snapshots in memory, found by id, GUID and name. Reserves names, so that two requests
//! cannot take the same one. Knows no database.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::limits::{MAX_SNAPSHOTS, MAX_TENANTS};
use super::settings::SnapshotSettings;
use super::tenant::Tenant;
use crate::error::{Result, TwinReason};
use crate::sql::TwinTenantRow;

/// What messages call a tenant.
const TENANT: &str = "tenant";
/// What messages call a snapshot.
const SNAPSHOT: &str = "snapshot";

/// Contents that were kept.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub id: Uuid,
    /// `None` if only tenants refer to it.
    pub name: Option<String>,
    pub settings: SnapshotSettings,
    number: u64,
}

#[derive(Debug, Default)]
pub(super) struct Registry(RwLock<Contents>);

#[derive(Debug, Default)]
struct Contents {
    tenants: HashMap<Uuid, Arc<Tenant>>,
    handles: HashMap<String, Uuid>,
    snapshots: HashMap<Uuid, Snapshot>,
    /// Names of tenants and snapshots that are being made.
    reserved: HashSet<(&'static str, String)>,
    /// Snapshots from which a tenant is being made.
    pinned: Vec<Uuid>,
    /// What has to be removed from the database.
    removals: Vec<Removal>,
    next: u64,
}

/// What a name is of, and the name.
pub(super) type Name = (&'static str, String);

/// A tenant or a snapshot that has to be removed from the database, and the name that is reserved until then.
#[derive(Debug)]
pub(super) struct Removal {
    pub(super) id: Uuid,
    pub(super) name: Option<Name>,
}

impl Registry {
    pub(super) fn new(rows: Vec<TwinTenantRow>) -> Self {
        let mut contents = Contents::default();
        for row in rows {
            let number = contents.number();
            if let Some(handle) = row.handle.clone() {
                contents.add(Tenant::from_row(&row, handle, number));
            } else {
                let settings = serde_json::from_str(&row.settings).unwrap_or_else(|error| {
                    let name = row.snapshot.as_deref().unwrap_or_default();
                    tracing::error!(id = %row.id, name, %error, "a snapshot has the real time and first ids: its settings cannot be read");
                    SnapshotSettings::default()
                });
                let snapshot = Snapshot { id: row.id, name: row.snapshot, settings, number };
                contents.snapshots.insert(row.id, snapshot);
            }
        }
        Self(RwLock::new(contents))
    }

    pub(super) fn tenant(&self, id: Uuid) -> Option<Arc<Tenant>> {
        self.read().tenants.get(&id).cloned()
    }

    pub(super) fn tenant_by_handle(&self, handle: &str) -> Result<Arc<Tenant>> {
        let contents = self.read();
        let by_handle = contents.handles.get(handle).copied();
        let id = by_handle.or_else(|| Uuid::try_parse(handle).ok());
        let found = id.and_then(|id| contents.tenants.get(&id).cloned());
        found.ok_or_else(|| unknown(TENANT, handle))
    }

    pub(super) fn tenants(&self) -> Vec<Arc<Tenant>> {
        let mut tenants: Vec<Arc<Tenant>> = self.read().tenants.values().cloned().collect();
        tenants.sort_by_key(|tenant| tenant.number);
        tenants
    }

    /// The snapshots that have a name.
    pub(super) fn snapshots(&self) -> Vec<Snapshot> {
        let contents = self.read();
        let named = contents.snapshots.values().filter(|snapshot| snapshot.name.is_some());
        let mut named: Vec<Snapshot> = named.cloned().collect();
        named.sort_by_key(|snapshot| snapshot.number);
        named
    }

    pub(super) fn snapshot_by_name(&self, name: &str) -> Result<Snapshot> {
        let contents = self.read();
        let found = contents.snapshots.values().find(|it| it.name.as_deref() == Some(name));
        found.cloned().ok_or_else(|| unknown(SNAPSHOT, name))
    }

    /// Reserves the `id` of a new tenant until it is added or released. Returns its number as well.
    pub(super) fn reserve_tenant(&self, handle: &str) -> Result<(Name, u64)> {
        let mut contents = self.write();
        // No `id` is the GUID of another tenant, which a path may have as well.
        let is_guid = |id| contents.tenants.contains_key(&id);
        let is_taken =
            contents.handles.contains_key(handle) || Uuid::try_parse(handle).is_ok_and(is_guid);
        let count = contents.tenants.len();
        let name = contents.reserve(TENANT, handle, is_taken, count, MAX_TENANTS)?;
        Ok((name, contents.number()))
    }

    /// Reserves the name of a new snapshot until it is added or released.
    pub(super) fn reserve_snapshot(&self, name: &str) -> Result<Name> {
        let mut contents = self.write();
        let mut names = contents.snapshots.values().filter_map(|it| it.name.as_deref());
        let is_taken = names.any(|own| own == name);
        let count = contents.snapshots.values().filter(|it| it.name.is_some()).count();
        contents.reserve(SNAPSHOT, name, is_taken, count, MAX_SNAPSHOTS)
    }

    /// Makes a name free that was reserved.
    pub(super) fn release(&self, name: &Name) {
        self.write().reserved.remove(name);
    }

    pub(super) fn add(&self, tenant: Tenant) -> Arc<Tenant> {
        self.write().add(tenant)
    }

    /// Adds a snapshot. One without a name is pinned.
    pub(super) fn add_snapshot(&self, id: Uuid, name: Option<String>, settings: SnapshotSettings) {
        let mut contents = self.write();
        if name.is_none() {
            contents.pinned.push(id);
        }
        if let Some(name) = &name {
            contents.reserved.remove(&(SNAPSHOT, name.clone()));
        }
        let number = contents.number();
        contents.snapshots.insert(id, Snapshot { id, name, settings, number });
    }

    /// Takes the name of a snapshot away. Tenants that began with it still have it.
    pub(super) fn hide_snapshot(&self, id: Uuid) {
        if let Some(snapshot) = self.write().snapshots.get_mut(&id) {
            snapshot.name = None;
        }
    }

    /// Forgets a tenant, which has to be removed from the database then; `None` if that was done before.
    pub(super) fn forget(&self, id: Uuid) -> Option<Removal> {
        let mut contents = self.write();
        let tenant = contents.tenants.remove(&id)?;
        contents.handles.remove(&tenant.handle);
        let name = (TENANT, tenant.handle.clone());
        contents.reserved.insert(name.clone());
        Some(Removal { id, name: Some(name) })
    }

    /// Forgets the snapshots that have no name and that no tenant refers to.
    pub(super) fn forget_unused_snapshots(&self) {
        let mut contents = self.write();
        let used = contents.tenants.values().filter_map(|it| it.start());
        let used: HashSet<Uuid> = used.chain(contents.pinned.iter().copied()).collect();
        let is_unused =
            |snapshot: &&Snapshot| snapshot.name.is_none() && !used.contains(&snapshot.id);
        let unused = contents.snapshots.values().filter(is_unused).map(|snapshot| snapshot.id);
        let unused: Vec<Uuid> = unused.collect();
        for id in unused {
            contents.snapshots.remove(&id);
            contents.removals.push(Removal { id, name: None });
        }
    }

    /// Keeps a snapshot until a tenant refers to it, or the same is unpinned.
    pub(super) fn pin(&self, id: Uuid) -> Result<()> {
        let mut contents = self.write();
        match contents.snapshots.contains_key(&id) {
            true => contents.pinned.push(id),
            false => return Err(unknown(SNAPSHOT, &id.to_string())),
        }
        Ok(())
    }

    pub(super) fn unpin(&self, id: Uuid) {
        let mut contents = self.write();
        let index = contents.pinned.iter().position(|pinned| *pinned == id);
        index.map(|index| contents.pinned.swap_remove(index));
    }

    /// Takes what has to be removed from the database.
    pub(super) fn take_removals(&self) -> Vec<Removal> {
        mem::take(&mut self.write().removals)
    }

    /// Notes what was not removed from the database.
    pub(super) fn remove_later(&self, removals: impl IntoIterator<Item = Removal>) {
        self.write().removals.extend(removals);
    }

    /// The tenants that have expired at a real time.
    pub(super) fn expired(&self, now: DateTime<Utc>) -> Vec<Uuid> {
        let contents = self.read();
        let expired = contents.tenants.values().filter(|tenant| tenant.expires_at() <= now);
        expired.map(|tenant| tenant.id).collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Contents> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Contents> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn reserve(
        &mut self,
        kind: &'static str,
        name: &str,
        is_taken: bool,
        count: usize,
        limit: usize,
    ) -> Result<Name> {
        let reserved = self.reserved.iter().filter(|(own, _)| *own == kind).count();
        if count + reserved >= limit {
            return Err(TwinReason::Full { place: "twin", kind, limit }.into());
        }
        let reserved = (kind, name.to_owned());
        if is_taken || !self.reserved.insert(reserved.clone()) {
            return Err(TwinReason::Taken { kind, id: name.to_owned() }.into());
        }
        Ok(reserved)
    }

    fn add(&mut self, tenant: Tenant) -> Arc<Tenant> {
        self.reserved.remove(&(TENANT, tenant.handle.clone()));
        let tenant = Arc::new(tenant);
        self.handles.insert(tenant.handle.clone(), tenant.id);
        self.tenants.insert(tenant.id, Arc::clone(&tenant));
        tenant
    }
}

fn unknown(kind: &'static str, id: &str) -> crate::error::Error {
    TwinReason::Unknown { kind, id: id.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_whose_settings_cannot_be_read_keeps_its_id_until_it_expires() {
        let row = |handle: &str, settings: &str, expires_at| TwinTenantRow {
            id: Uuid::new_v4(),
            handle: Some(handle.into()),
            snapshot: None,
            start: None,
            settings: settings.into(),
            clock: None,
            expires_at,
        };
        let now = Utc::now();
        let later = now.timestamp_micros() + 1_000_000;
        let rows = vec![row("a", "{", Some(later)), row("b", "{", None)];
        let registry = Registry::new(rows);
        let [a, b] = ["a", "b"].map(|handle| registry.tenant_by_handle(handle).unwrap());
        assert_eq!(a.settings().permissions, "seed");
        assert!(registry.reserve_tenant("a").is_err());
        assert_eq!(registry.expired(now), [b.id]);
        let all = registry.expired(DateTime::from_timestamp_micros(later).unwrap());
        assert!(all.len() == 2 && all.contains(&a.id), "{all:?}");
    }
}
