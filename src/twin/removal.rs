//! Removes tenants and snapshots: from memory first, so that nobody uses them, and from the database then.

use std::sync::Arc;

use super::Twin;
use super::attempt::PendingRemovals;
use super::registry::Removal;
use super::tenant::Tenant;
use super::tenants::snapshot_row;
use crate::error::Result;
use crate::store::Store;

impl Twin {
    /// Removes a snapshot. Tenants that began with it can still be reset to it.
    ///
    /// # Errors
    /// If there is none, or the database fails.
    pub async fn remove_snapshot(&self, store: &Store, name: &str) -> Result<()> {
        let snapshot = self.registry.snapshot_by_name(name)?;
        store.change_twin_tenant(&snapshot_row(snapshot.id, None, snapshot.settings)).await?;
        self.registry.hide_snapshot(snapshot.id);
        self.remove_forgotten(store).await
    }

    /// Removes tenants. Their tokens are refused at once.
    ///
    /// # Errors
    /// If the database fails; the rest is removed later.
    pub async fn remove(&self, store: &Store, tenants: &[Arc<Tenant>]) -> Result<()> {
        for tenant in tenants {
            tenant.end().await;
        }
        let removals =
            tenants.iter().filter_map(|tenant| self.registry.forget(tenant.id)).collect();
        self.remove_from(store, removals).await?;
        self.remove_forgotten(store).await
    }

    /// Removes from the database what was forgotten here.
    pub(super) async fn remove_forgotten(&self, store: &Store) -> Result<()> {
        self.registry.forget_unused_snapshots();
        self.remove_from(store, self.registry.take_removals()).await
    }

    async fn remove_from(&self, store: &Store, removals: Vec<Removal>) -> Result<()> {
        let mut pending = PendingRemovals::new(&self.registry, removals);
        while let Some(id) = pending.next() {
            store.remove_twin_tenant(id).await?;
            pending.pop();
        }
        Ok(())
    }
}
