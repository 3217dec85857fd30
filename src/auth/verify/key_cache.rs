//! The keys of one issuer as they were last seen, and when it is time to look again. Readers of a
//! known key never wait; whoever needs an unknown one waits for the one look that is under way.
//! How keys are read, `key_source` knows.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinHandle;

use super::key_set::KeySet;
use super::key_source::{NoKeys, Source};

/// How often keys are looked for. Tests shorten it, nobody else should need to.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The least time between two looks once there are keys.
    pub between_looks: Duration,
    /// The least time between two looks while there never were any.
    pub until_first_keys: Duration,
    /// The age at which keys are looked for again although all are known.
    pub stale_after: Duration,
    /// The longest that one look may take.
    pub longest_look: Duration,
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(60);
const UNTIL_FIRST_KEYS: Duration = Duration::from_secs(5);
const STALE_AFTER: Duration = Duration::from_secs(60 * 60);
const LONGEST_LOOK: Duration = Duration::from_secs(5);

impl Default for Pace {
    fn default() -> Self {
        Self {
            between_looks: BETWEEN_LOOKS,
            until_first_keys: UNTIL_FIRST_KEYS,
            stale_after: STALE_AFTER,
            longest_look: LONGEST_LOOK,
        }
    }
}

/// The keys of one issuer.
pub(in crate::auth) struct KeyCache {
    issuer: String,
    source: Source,
    pace: Pace,
    seen: RwLock<Option<Seen>>,
    /// Held during a look, so that there is one at a time; remembers when the last one ended.
    look: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

#[derive(Clone)]
struct Seen {
    keys: Arc<KeySet>,
    at: Instant,
}

impl KeyCache {
    /// A cache that has `keys`, or that looks for them when the first token comes.
    pub(in crate::auth) fn new(
        issuer: String,
        source: Source,
        keys: Option<KeySet>,
        pace: Pace,
    ) -> Self {
        let seen = keys.map(|keys| Seen { keys: Arc::new(keys), at: Instant::now() });
        Self { issuer, source, pace, seen: RwLock::new(seen), look: Arc::default() }
    }

    /// The keys in which a token's `kid` is to be looked up; `None` where there never were any.
    pub(in crate::auth) async fn keys_with(
        self: &Arc<Self>,
        id: Option<&str>,
    ) -> Option<Arc<KeySet>> {
        if let Some(seen) = self.seen_with(id) {
            self.look_behind_if_stale(&seen);
            return Some(seen.keys);
        }
        let look = Arc::clone(&self.look).lock_owned().await;
        // Whoever waited for another's look may have what they need by now.
        if self.seen_with(id).is_none() && self.is_due(*look) {
            // A task of its own: it ends and is counted even if the client goes away.
            let _ended = self.start(look).await;
        }
        self.seen().map(|seen| seen.keys)
    }

    fn look_behind_if_stale(self: &Arc<Self>, seen: &Seen) {
        if seen.at.elapsed() < self.pace.stale_after {
            return;
        }
        if let Ok(look) = Arc::clone(&self.look).try_lock_owned()
            && self.is_due(*look)
        {
            self.start(look);
        }
    }

    fn is_due(&self, last: Option<Instant>) -> bool {
        let pause = match self.seen() {
            Some(_) => self.pace.between_looks,
            None => self.pace.until_first_keys,
        };
        !matches!(self.source, Source::Held) && last.is_none_or(|last| last.elapsed() >= pause)
    }

    fn start(self: &Arc<Self>, mut look: OwnedMutexGuard<Option<Instant>>) -> JoinHandle<()> {
        let cache = Arc::clone(self);
        tokio::spawn(async move {
            let longest = cache.pace.longest_look;
            let reading = cache.source.read(&cache.issuer, longest);
            let outcome = tokio::time::timeout(longest, reading).await;
            match outcome.unwrap_or(Err(NoKeys::TooLate)) {
                Ok(keys) => cache.replace(keys),
                Err(error) => {
                    tracing::warn!(issuer = cache.issuer, %error, "its keys were not refreshed");
                }
            }
            *look = Some(Instant::now());
        })
    }

    fn replace(&self, keys: Option<KeySet>) {
        if let Some(keys) = keys {
            let seen = Seen { keys: Arc::new(keys), at: Instant::now() };
            *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        }
    }

    fn seen(&self) -> Option<Seen> {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn seen_with(&self, id: Option<&str>) -> Option<Seen> {
        self.seen().filter(|seen| seen.keys.knows(id))
    }
}
