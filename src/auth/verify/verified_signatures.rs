//! A cache of the signatures that a key has verified, so that a repeated token costs a hash instead of
//! a verification. Each key has its own cache, which is dropped with the key. Knows no claims.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::generations::{Fingerprint, Generations};

/// The capacity of one generation. The two generations of a key take 9 MB at most: 131,072 slots of
/// 33 bytes each.
const GENERATION: usize = 100_000;

/// The valid signatures of one key: at least the [`GENERATION`] that were used last.
pub(in crate::auth) struct VerifiedSignatures(Mutex<Generations<()>>);

impl Default for VerifiedSignatures {
    fn default() -> Self {
        Self(Mutex::new(Generations::new(GENERATION)))
    }
}

impl VerifiedSignatures {
    /// Whether the signature of a token is valid. Calls `verify` if it is not cached.
    pub(in crate::auth) fn is_valid(&self, token: &Fingerprint, verify: impl Fn() -> bool) -> bool {
        // The mutex is unlocked during the verification.
        if self.lock().get(token).is_some() {
            return true;
        }
        let is_valid = verify();
        if is_valid {
            self.lock().insert(*token, ());
        }
        is_valid
    }

    fn lock(&self) -> MutexGuard<'_, Generations<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::auth::verify::generations::fingerprint;

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
        assert!(signatures.is_valid(&fingerprint("a.b.c"), verify(true)));
        assert!(signatures.is_valid(&fingerprint("a.b.c"), verify(false)));
        assert_eq!(calls.get(), 1);
        assert!(!signatures.is_valid(&fingerprint("a.b.d"), verify(false)));
        assert!(!signatures.is_valid(&fingerprint("a.b.d"), verify(false)));
        assert!(!signatures.is_valid(&fingerprint("a.b.d"), verify(false)));
        assert_eq!(calls.get(), 4);
    }

    /// Checks the token of this number. Returns whether it was verified, since it was not cached.
    fn is_verified_again(signatures: &VerifiedSignatures, number: usize) -> bool {
        let verified = Cell::new(false);
        let verify = || {
            verified.set(true);
            true
        };
        assert!(signatures.is_valid(&fingerprint(&format!("a.b.{number}")), verify));
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
}
