//! The signatures that a key has been found to have made, so that a token which comes again costs a
//! hash instead of a verification. It is a key's own: when the key goes, what it vouched for goes.
//! Only signatures are remembered; what the claims say is checked each time.

use std::collections::HashSet;
use std::mem;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

/// How many signatures a generation has at most. The two generations of a key take 9 MB at most:
/// each has 131,072 places of 33 bytes.
const GENERATION: usize = 100_000;

/// A hash of a whole token.
type Fingerprint = [u8; 32];

/// The signatures of one key that hold: at least the last [`GENERATION`] of those that were used.
#[derive(Default)]
pub(in crate::auth) struct VerifiedSignatures(Mutex<Generations>);

/// When the newer one is full it becomes the older one, and the older one is forgotten.
#[derive(Default)]
struct Generations {
    newer: HashSet<Fingerprint>,
    older: HashSet<Fingerprint>,
}

impl VerifiedSignatures {
    /// Whether the signature of a token holds; `verify` finds out where it is not known.
    pub(in crate::auth) fn holds(
        &self,
        signed: &str,
        signature: &str,
        verify: impl Fn() -> bool,
    ) -> bool {
        let fingerprint = fingerprint(signed, signature);
        // The lock is not held while a signature is verified.
        if self.with(|known| known.contains(fingerprint)) {
            return true;
        }
        let holds = verify();
        if holds {
            self.with(|known| known.insert(fingerprint));
        }
        holds
    }

    fn with<T>(&self, work: impl FnOnce(&mut Generations) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Generations {
    /// Whether the signature is known, which keeps it in the newer generation.
    fn contains(&mut self, fingerprint: Fingerprint) -> bool {
        if self.newer.contains(&fingerprint) {
            return true;
        }
        let is_older = self.older.contains(&fingerprint);
        if is_older {
            self.insert(fingerprint);
        }
        is_older
    }

    fn insert(&mut self, fingerprint: Fingerprint) {
        if self.newer.len() >= GENERATION {
            mem::swap(&mut self.newer, &mut self.older);
            self.newer.clear();
        }
        self.newer.insert(fingerprint);
    }
}

fn fingerprint(signed: &str, signature: &str) -> Fingerprint {
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
    fn a_signature_is_verified_once_and_a_false_one_each_time() {
        let (signatures, asked) = (VerifiedSignatures::default(), Cell::new(0));
        let verify = |truth: bool| {
            let asked = &asked;
            move || {
                asked.set(asked.get() + 1);
                truth
            }
        };
        assert!(signatures.holds("a.b", "c", verify(true)));
        assert!(signatures.holds("a.b", "c", verify(false)));
        assert_eq!(asked.get(), 1);
        assert!(!signatures.holds("a.b", "d", verify(false)));
        assert!(!signatures.holds("a.b", "d", verify(false)));
        assert!(!signatures.holds("a", "b.d", verify(false)));
        assert_eq!(asked.get(), 4);
    }

    /// Has the token of this number verified, and says whether it had to be.
    fn is_new(signatures: &VerifiedSignatures, number: usize) -> bool {
        let verified = Cell::new(false);
        let verify = || {
            verified.set(true);
            true
        };
        assert!(signatures.holds("a.b", &number.to_string(), verify));
        verified.get()
    }

    #[test]
    fn the_signatures_that_were_used_last_are_remembered_and_older_ones_forgotten() {
        let signatures = VerifiedSignatures::default();
        for number in 0..=2 * GENERATION {
            assert!(is_new(&signatures, number));
            if number % 1000 == 0 {
                assert!(!is_new(&signatures, 0), "it is used again and again");
            }
        }
        let last = GENERATION + 2..=2 * GENERATION;
        assert!(!last.into_iter().any(|number| is_new(&signatures, number)));
        assert!(is_new(&signatures, 1), "it was not used since");
    }

    #[test]
    fn never_more_than_two_generations_are_remembered() {
        let mut known = Generations::default();
        for number in 0..3 * GENERATION + 1 {
            let mut fingerprint = Fingerprint::default();
            fingerprint[..8].copy_from_slice(&number.to_le_bytes());
            known.insert(fingerprint);
            assert!(known.newer.len() <= GENERATION && known.older.len() <= GENERATION);
        }
        assert_eq!(known.newer.len(), 1);
        assert_eq!(known.older.len(), GENERATION);
    }
}
