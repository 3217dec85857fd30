//! Removes tenants and snapshots: from memory first, so that nobody uses them, and from the database then.

use std::sync::Arc;

use super::Twin;
use super::attempt::Doomed;
use super::registry::Doom;
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
        let doomed = tenants.iter().filter_map(|tenant| self.registry.forget(tenant.id)).collect();
        self.remove_from(store, doomed).await?;
        self.remove_forgotten(store).await
    }

    /// Removes from the database what was forgotten here.
    pub(super) async fn remove_forgotten(&self, store: &Store) -> Result<()> {
        self.registry.forget_unused_snapshots();
        self.remove_from(store, self.registry.take_doomed()).await
    }

    async fn remove_from(&self, store: &Store, doomed: Vec<Doom>) -> Result<()> {
        let mut doomed = Doomed::new(&self.registry, doomed);
        while let Some(id) = doomed.next() {
            store.remove_twin_tenant(id).await?;
            doomed.pop();
        }
        Ok(())
    }
}
