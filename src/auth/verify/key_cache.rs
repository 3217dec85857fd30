//! A cache of the keys of one issuer, refreshed at intervals. A token with a cached key never waits;
//! tokens with an unknown key wait for one refresh that they share. How keys are fetched is in
//! `key_source`.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinHandle;

use super::key_set::KeySet;
use super::key_source::{FetchError, Source};

/// How often keys are refreshed. Only tests change the defaults.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct RefreshIntervals {
    /// The minimum time between two refreshes.
    pub min_interval: Duration,
    /// The minimum time between two refreshes before the first one succeeded.
    pub min_interval_without_keys: Duration,
    /// The age at which keys are refreshed even if all tokens have a cached key.
    pub max_age: Duration,
    pub fetch_timeout: Duration,
}

impl Default for RefreshIntervals {
    fn default() -> Self {
        Self {
            min_interval: Duration::from_secs(60),
            min_interval_without_keys: Duration::from_secs(5),
            max_age: Duration::from_secs(60 * 60),
            fetch_timeout: Duration::from_secs(5),
        }
    }
}

pub(in crate::auth) struct KeyCache {
    issuer: String,
    source: Source,
    intervals: RefreshIntervals,
    cached: RwLock<Option<CachedKeys>>,
    /// Locked during a refresh, so that only one runs at a time. The value is the end of the last one.
    refresh: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

#[derive(Clone)]
struct CachedKeys {
    keys: Arc<KeySet>,
    loaded: Instant,
}

impl KeyCache {
    /// Without `keys`, the first token triggers a refresh.
    pub(in crate::auth) fn new(
        issuer: String,
        source: Source,
        keys: Option<KeySet>,
        intervals: RefreshIntervals,
    ) -> Self {
        let cached = keys.map(|keys| CachedKeys { keys: Arc::new(keys), loaded: Instant::now() });
        Self { issuer, source, intervals, cached: RwLock::new(cached), refresh: Arc::default() }
    }

    /// Finds the key set for a token with this `kid`, after a refresh if no cached key has it. `None` if
    /// no refresh ever succeeded.
    pub(in crate::auth) async fn find(self: &Arc<Self>, id: Option<&str>) -> Option<Arc<KeySet>> {
        if let Some(cached) = self.cached_with(id) {
            self.refresh_in_background_if_stale(&cached);
            return Some(cached.keys);
        }
        let refresh = Arc::clone(&self.refresh).lock_owned().await;
        // Another request may have refreshed the keys while this one waited for the lock.
        if self.cached_with(id).is_none() && self.may_refresh(*refresh) {
            // A spawned task completes and counts even if the client disconnects.
            let _ended = self.start_refresh(refresh).await;
        }
        self.cached().map(|cached| cached.keys)
    }

    /// The time since the keys were read; `None` before that, and for keys that never change.
    pub(in crate::auth) fn age(&self) -> Option<Duration> {
        let cached = self.cached().filter(|_| !matches!(self.source, Source::Inline));
        cached.map(|cached| cached.loaded.elapsed())
    }

    fn refresh_in_background_if_stale(self: &Arc<Self>, cached: &CachedKeys) {
        if cached.loaded.elapsed() < self.intervals.max_age {
            return;
        }
        if let Ok(refresh) = Arc::clone(&self.refresh).try_lock_owned()
            && self.may_refresh(*refresh)
        {
            self.start_refresh(refresh);
        }
    }

    fn may_refresh(&self, last: Option<Instant>) -> bool {
        let interval = match self.cached() {
            Some(_) => self.intervals.min_interval,
            None => self.intervals.min_interval_without_keys,
        };
        !matches!(self.source, Source::Inline) && last.is_none_or(|last| last.elapsed() >= interval)
    }

    fn start_refresh(
        self: &Arc<Self>,
        mut refresh: OwnedMutexGuard<Option<Instant>>,
    ) -> JoinHandle<()> {
        let cache = Arc::clone(self);
        tokio::spawn(async move {
            let timeout = cache.intervals.fetch_timeout;
            let fetch = cache.source.fetch(&cache.issuer, timeout);
            let fetched = tokio::time::timeout(timeout, fetch).await;
            match fetched.unwrap_or(Err(FetchError::Timeout)) {
                Ok(keys) => cache.replace(keys),
                Err(error) => {
                    tracing::warn!(issuer = cache.issuer, %error, "refreshing the keys failed");
                }
            }
            *refresh = Some(Instant::now());
        })
    }

    fn replace(&self, keys: Option<KeySet>) {
        if let Some(keys) = keys {
            let new = CachedKeys { keys: Arc::new(keys), loaded: Instant::now() };
            *self.cached.write().unwrap_or_else(PoisonError::into_inner) = Some(new);
        }
    }

    fn cached(&self) -> Option<CachedKeys> {
        self.cached.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn cached_with(&self, id: Option<&str>) -> Option<CachedKeys> {
        self.cached().filter(|cached| cached.keys.has(id))
    }
}
