//! What must not be forgotten if a request ends early, because the database fails or the client goes: names
//! that are reserved, snapshots that are in use, and what the database may have.

use std::sync::Arc;

use uuid::Uuid;

use super::registry::{Name, Registry, Removal};
use super::settings::SnapshotSettings;
use super::tenant::Tenant;
use crate::error::{Error, Result};

/// A tenant or a snapshot that is being made. If the value is dropped before that is done, its name is free
/// again: at once, or when the database has certainly nothing of it.
pub(super) struct Attempt<'a> {
    registry: &'a Registry,
    id: Uuid,
    name: Option<Name>,
    is_uncertain: bool,
}

/// A snapshot that is in use until the value is dropped.
pub(super) struct Pin<'a> {
    registry: &'a Registry,
    pub(super) id: Uuid,
}

/// What has to be removed from the database. What is left when the value is dropped is removed later.
pub(super) struct PendingRemovals<'a> {
    registry: &'a Registry,
    left: Vec<Removal>,
}

impl<'a> Attempt<'a> {
    /// Reserves the `id` of a tenant in the control API. Returns its number as well.
    pub(super) fn of_tenant(registry: &'a Registry, id: Uuid, handle: &str) -> Result<(Self, u64)> {
        let (name, number) = registry.reserve_tenant(handle)?;
        Ok((Self { registry, id, name: Some(name), is_uncertain: false }, number))
    }

    /// Reserves the name of a snapshot, if it has one.
    pub(super) fn of_snapshot(
        registry: &'a Registry,
        id: Uuid,
        name: Option<&str>,
    ) -> Result<Self> {
        let name = name.map(|name| registry.reserve_snapshot(name)).transpose()?;
        Ok(Self { registry, id, name, is_uncertain: false })
    }

    /// Waits for the statement that makes it.
    pub(super) async fn store(&mut self, stored: impl Future<Output = Result<()>>) -> Result<()> {
        self.is_uncertain = true;
        let stored = stored.await;
        self.is_uncertain = stored.as_ref().is_err_and(Error::is_unavailable);
        stored
    }

    /// The database has the tenant.
    pub(super) fn add_tenant(mut self, tenant: Tenant) -> Arc<Tenant> {
        self.name = None;
        self.registry.add(tenant)
    }

    /// The database has the snapshot.
    pub(super) fn add_snapshot(mut self, settings: SnapshotSettings) -> Pin<'a> {
        let name = self.name.take().map(|(_, name)| name);
        self.registry.add_snapshot(self.id, name, settings);
        Pin { registry: self.registry, id: self.id }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let name = self.name.take();
        if self.is_uncertain {
            self.registry.remove_later([Removal { id: self.id, name }]);
        } else if let Some(name) = name {
            self.registry.release(&name);
        }
    }
}

impl<'a> Pin<'a> {
    /// Keeps a snapshot, whoever removes its name meanwhile.
    pub(super) fn of(registry: &'a Registry, id: Uuid) -> Result<Self> {
        registry.pin(id)?;
        Ok(Self { registry, id })
    }
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        self.registry.unpin(self.id);
    }
}

impl<'a> PendingRemovals<'a> {
    pub(super) fn new(registry: &'a Registry, left: Vec<Removal>) -> Self {
        Self { registry, left }
    }

    /// The next one.
    pub(super) fn next(&self) -> Option<Uuid> {
        self.left.last().map(|removal| removal.id)
    }

    /// The next one was removed: its name is free.
    pub(super) fn pop(&mut self) {
        if let Some(name) = self.left.pop().and_then(|removal| removal.name) {
            self.registry.release(&name);
        }
    }
}

impl Drop for PendingRemovals<'_> {
    fn drop(&mut self) {
        self.registry.remove_later(self.left.drain(..));
    }
}
