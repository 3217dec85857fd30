//! The tenants that the server serves: all, or those of a list. Others are refused before anything of
//! them is read. Knows no token.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::watch;
use uuid::Uuid;

use crate::error::{Error, Result};

/// The tenants that the server serves, by default all. The list may change while it runs.
#[derive(Clone, Debug, Default)]
pub struct ServedTenants(Option<watch::Receiver<Arc<HashSet<Uuid>>>>);

impl ServedTenants {
    /// These tenants and no others.
    pub fn listed(tenants: impl IntoIterator<Item = Uuid>) -> Self {
        Self::watched(watch::channel(Arc::new(tenants.into_iter().collect())).1)
    }

    /// The tenants of a list that may change.
    pub(super) fn watched(list: watch::Receiver<Arc<HashSet<Uuid>>>) -> Self {
        Self(Some(list))
    }

    /// Whether the server serves a tenant.
    #[must_use]
    pub fn contains(&self, tenant: Uuid) -> bool {
        self.0.as_ref().is_none_or(|list| list.borrow().contains(&tenant))
    }

    /// Whether the server serves all.
    #[must_use]
    pub fn are_all(&self) -> bool {
        self.0.is_none()
    }

    /// Refuses a tenant that the server does not serve.
    ///
    /// # Errors
    /// [`Error::TenantElsewhere`].
    pub fn check(&self, tenant: Uuid) -> Result<()> {
        if self.contains(tenant) { Ok(()) } else { Err(Error::TenantElsewhere { tenant }) }
    }
}
