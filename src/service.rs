//! The state that all endpoints share. Knows no endpoint.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::auth::Issuers;
use crate::model::permission::Profile;
use crate::store::Store;

/// Everything that the endpoints need.
pub struct Service {
    /// The issuers whose tokens are trusted.
    pub issuers: Issuers,
    /// The permissions that a token must hold.
    pub profile: Profile,
    /// The rows.
    pub store: Store,
    is_stopping: AtomicBool,
}

impl Service {
    /// A service that has not been told to stop.
    #[must_use]
    pub fn new(issuers: Issuers, profile: Profile, store: Store) -> Self {
        Self { issuers, profile, store, is_stopping: AtomicBool::new(false) }
    }

    /// Tells the service that the server stops soon. It still answers as before, but `/health` says
    /// so, and new requests go elsewhere.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the service has been told to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}
