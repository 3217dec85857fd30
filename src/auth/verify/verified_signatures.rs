//! A cache of the signatures that a key has verified, so that a repeated token costs a hash instead of
//! a verification. Each key has its own cache, which is dropped with the key. Claims are not cached:
//! they are checked each time.

use std::collections::HashSet;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

/// The capacity of one generation. The two generations of a key take 9 MB at most: 131,072 slots of
/// 33 bytes each.
const GENERATION: usize = 100_000;

/// A hash of a whole token, signature included.
type Fingerprint = [u8; 32];

/// The valid signatures of one key: at least the [`GENERATION`] that were used last.
pub(in crate::auth) struct VerifiedSignatures(Mutex<Generations>);

/// A set of fingerprints that forgets what was not used for long. When the newer generation is full, it
/// becomes the older one, and the older one is dropped.
pub(in crate::auth) struct Generations {
    capacity: usize,
    newer: HashSet<Fingerprint>,
    older: HashSet<Fingerprint>,
}

impl Default for VerifiedSignatures {
    fn default() -> Self {
        Self(Mutex::new(Generations::new(GENERATION)))
    }
}

impl VerifiedSignatures {
    /// Whether the signature of a token is valid. Calls `verify` if it is not cached.
    pub(in crate::auth) fn is_valid(
        &self,
        signed: &str,
        signature: &str,
        verify: impl Fn() -> bool,
    ) -> bool {
        let fingerprint = hash(signed, signature);
        // The mutex is unlocked during the verification.
        if self.lock().contains(fingerprint) {
            return true;
        }
        let is_valid = verify();
        if is_valid {
            self.lock().insert(fingerprint);
        }
        is_valid
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    /// An empty set; each of the two generations has at most this many fingerprints.
    pub(in crate::auth) fn new(capacity: usize) -> Self {
        Self { capacity, newer: HashSet::new(), older: HashSet::new() }
    }

    /// Whether the set has the fingerprint. Moves it into the newer generation.
    pub(in crate::auth) fn contains(&mut self, fingerprint: Fingerprint) -> bool {
        if self.newer.contains(&fingerprint) {
            return true;
        }
        let is_older = self.older.contains(&fingerprint);
        if is_older {
            self.insert(fingerprint);
        }
        is_older
    }

    pub(in crate::auth) fn insert(&mut self, fingerprint: Fingerprint) {
        if self.newer.len() >= self.capacity {
            mem::swap(&mut self.newer, &mut self.older);
            self.newer.clear();
        }
        self.newer.insert(fingerprint);
    }
}

fn hash(signed: &str, signature: &str) -> Fingerprint {
    let mut context = Context::new(&SHA256);
    for part in [signed, ".", signature] {
        context.update(part.as_bytes());
    }
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_valid_signature_is_verified_once_and_an_invalid_one_each_time() {
        let (signatures, calls) = (VerifiedSignatures::default(), Cell::new(0));
        let verify = |truth: bool| {
            let calls = &calls;
            move || {
                calls.set(calls.get() + 1);
                truth
            }
        };
        assert!(signatures.is_valid("a.b", "c", verify(true)));
        assert!(signatures.is_valid("a.b", "c", verify(false)));
        assert_eq!(calls.get(), 1);
        assert!(!signatures.is_valid("a.b", "d", verify(false)));
        assert!(!signatures.is_valid("a.b", "d", verify(false)));
        assert!(!signatures.is_valid("a", "b.d", verify(false)));
        assert_eq!(calls.get(), 4);
    }

    /// Checks the token of this number. Returns whether it was verified, since it was not cached.
    fn is_verified_again(signatures: &VerifiedSignatures, number: usize) -> bool {
        let verified = Cell::new(false);
        let verify = || {
            verified.set(true);
            true
        };
        assert!(signatures.is_valid("a.b", &number.to_string(), verify));
        verified.get()
    }

    #[test]
    fn the_signatures_that_were_used_last_stay_cached() {
        let signatures = VerifiedSignatures::default();
        for number in 0..=2 * GENERATION {
            assert!(is_verified_again(&signatures, number));
            if number % 1000 == 0 {
                assert!(!is_verified_again(&signatures, 0), "it is used often");
            }
        }
        let last = GENERATION + 2..=2 * GENERATION;
        assert!(!last.into_iter().any(|number| is_verified_again(&signatures, number)));
        assert!(is_verified_again(&signatures, 1), "it was used only once");
    }

    #[test]
    fn the_cache_has_two_generations_at_most() {
        let mut cached = Generations::new(GENERATION);
        for number in 0..3 * GENERATION + 1 {
            let mut fingerprint = Fingerprint::default();
            fingerprint[..8].copy_from_slice(&number.to_le_bytes());
            cached.insert(fingerprint);
            assert!(cached.newer.len() <= GENERATION && cached.older.len() <= GENERATION);
        }
        assert_eq!(cached.newer.len(), 1);
        assert_eq!(cached.older.len(), GENERATION);
    }
}
