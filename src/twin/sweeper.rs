//! Prepares the connections of the twin, removes tenants that have expired, and keeps the lock of the twin.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::time;

use super::Twin;
use super::limits::MAX_REMOVED_PER_SECOND;
use super::settings::SnapshotSettings;
use super::tenants::snapshot_row;
use crate::clock::new_twin_id;
use crate::sql::TwinTenantRow;
use crate::store::{Store, TwinLock};

/// The pause between two looks.
const INTERVAL: Duration = Duration::from_secs(1);
/// How many looks pass between two checks of the lock.
const LOOKS_PER_CHECK: u32 = 30;

impl Twin {
    /// Removes what has expired, until the end of the server.
    pub async fn sweep(&self, store: &Store, mut lock: TwinLock) {
        self.rehearse(store).await;
        let (mut looks, mut has_lock) = (0, true);
        loop {
            time::sleep(INTERVAL).await;
            // Another server that has the lock may have given these tenants more time.
            if has_lock && let Err(error) = self.remove_expired(store).await {
                tracing::debug!(%error, "expired tenants of the twin are removed later");
            }
            looks = (looks + 1) % LOOKS_PER_CHECK;
            if looks > 0 {
                continue;
            }
            match lock.keep().await {
                Ok(is_held) => has_lock = is_held,
                Err(error) => tracing::debug!(%error, "the lock of the test twin is checked later"),
            }
            if !has_lock {
                tracing::error!(
                    "the connection with the lock of the test twin was lost, and another session has \
                     the lock: that of another server, or the lost one"
                );
            }
        }
    }

    /// Lets the database do once what the first tenants need.
    async fn rehearse(&self, store: &Store) {
        let row = |id| snapshot_row(id, None, SnapshotSettings::default());
        let (id, copied) = (new_twin_id(), row(new_twin_id()));
        // What begins without contents is a tenant, and not a snapshot.
        let tenant = TwinTenantRow { handle: Some(id.to_string()), ..row(id) };
        if let Err(error) = store.rehearse_twin(&tenant, &copied).await {
            tracing::debug!(%error, "the first tenants of the twin take longer");
        }
    }

    async fn remove_expired(&self, store: &Store) -> crate::error::Result<()> {
        let expired = self.registry.expired(Utc::now());
        let tenants = expired.into_iter().take(MAX_REMOVED_PER_SECOND);
        let tenants = tenants.filter_map(|id| self.registry.tenant(id));
        let tenants: Vec<Arc<super::Tenant>> = tenants.collect();
        self.remove(store, &tenants).await
    }
}
