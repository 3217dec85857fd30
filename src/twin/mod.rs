//! The test twin: tenants that tests make, copy, reset and throw away. This room keeps them in memory and
//! in the database alike; `endpoints::twin` is their control API, and `store` runs the statements.
//! Nothing of it exists unless the server is started with `--twin`.

mod attempt;
mod call;
mod clocks;
mod condition;
mod glob;
mod json;
pub mod limits;
pub mod members;
mod record;
mod registry;
mod removal;
mod retry_after;
mod rewrite;
mod rule;
mod settings;
mod sweeper;
mod tenant;
mod tenants;
mod throttle;
mod traffic;
mod verify;

use std::sync::Arc;

use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::auth::{LocalIssuer, TwinAuthority};
use crate::clock::{Clock, is_twin_id};
use crate::error::{Error, Result};
use crate::sql::TwinTenantRow;

pub use call::{Call, ItemPlace, Sender, Verb};
pub use clocks::NewCourse;
pub use record::{Ending, Entry, Record};
use registry::Registry;
pub use registry::Snapshot;
pub use retry_after::Form;
pub use rewrite::rewrite;
pub use rule::{
    Cut, Fault, Hit, Loss, Place, Quirk, Rule, Rules, StatusFault, fault_of_header, may_happen,
};
pub use settings::{PROFILES, Settings, StartClock};
pub use tenant::Tenant;
pub use tenants::{Draft, Kept, NewTenant, Origin};
pub use throttle::{Refusal, Throttle, ThrottleSettings};
pub use traffic::{Overrides, Traffic};
pub use verify::{Assertion, MannerResult, NearMiss, Verdict};

/// The twin of a server.
pub struct Twin {
    /// Who may control it.
    pub authority: TwinAuthority,
    /// Signs the tokens of its tenants.
    pub issuer: Arc<LocalIssuer>,
    /// Whether copies run without triggers and checks of foreign keys, which the owner may not be allowed
    /// to leave out.
    pub is_unchecked: bool,
    /// A permit for each tenant whose reads are stale.
    pub stale_tenants: Arc<Semaphore>,
    registry: Registry,
}

impl Twin {
    /// A twin with the tenants and snapshots that an earlier server left.
    #[must_use]
    pub fn new(
        authority: TwinAuthority,
        issuer: Arc<LocalIssuer>,
        is_unchecked: bool,
        rows: Vec<TwinTenantRow>,
    ) -> Self {
        let stale_tenants = Arc::new(Semaphore::new(limits::MAX_STALE_TENANTS));
        Self { authority, issuer, is_unchecked, stale_tenants, registry: Registry::new(rows) }
    }

    /// The tenant of a caller; `None` if it is one that the twin did not make.
    ///
    /// # Errors
    /// If the twin has removed the tenant, or it is a snapshot.
    pub fn admit(&self, tenant: Uuid) -> Result<Option<Arc<Tenant>>> {
        match self.registry.tenant(tenant) {
            None if is_twin_id(tenant) => {
                Err(Error::TokenRefused("the twin has no such tenant".into()))
            }
            found => Ok(found),
        }
    }

    /// The clock of a tenant, whoever made it.
    #[must_use]
    pub fn clock(&self, tenant: Uuid) -> Clock {
        let own = self.registry.tenant(tenant);
        own.map_or(Clock::Real, |tenant| Clock::Virtual(Arc::clone(&tenant.clock)))
    }

    /// The tenants, the oldest first.
    #[must_use]
    pub fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.registry.tenants()
    }

    /// The tenant with this `id`, or with this GUID.
    ///
    /// # Errors
    /// If there is none.
    pub fn tenant(&self, handle: &str) -> Result<Arc<Tenant>> {
        self.registry.tenant_by_handle(handle)
    }

    /// The snapshots that have a name, the oldest first.
    #[must_use]
    pub fn snapshots(&self) -> Vec<Snapshot> {
        self.registry.snapshots()
    }
}
