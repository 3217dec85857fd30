//! The signatures that a key has been found to have made, so that a token which comes again costs a
//! hash instead of a verification. It is a key's own: when the key goes, what it vouched for goes.
//! Only signatures are remembered; what the claims say is checked each time.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

/// How many signatures are remembered; beyond them all are forgotten, and learnt again.
const MOST: usize = 100_000;

/// A hash of a whole token.
type Fingerprint = [u8; 32];

/// What one key has vouched for.
#[derive(Default)]
pub(in crate::auth) struct Memory(Mutex<HashSet<Fingerprint>>);

impl Memory {
    /// Whether the signature of a token holds; `verify` finds out where it is not known.
    pub(in crate::auth) fn holds(
        &self,
        signed: &str,
        signature: &str,
        verify: impl Fn() -> bool,
    ) -> bool {
        let fingerprint = fingerprint(signed, signature);
        if self.known().contains(&fingerprint) {
            return true;
        }
        let holds = verify();
        if holds {
            let mut known = self.known();
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(fingerprint);
        }
        holds
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<Fingerprint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let (memory, asked) = (Memory::default(), Cell::new(0));
        let verify = |truth: bool| {
            let asked = &asked;
            move || {
                asked.set(asked.get() + 1);
                truth
            }
        };
        assert!(memory.holds("a.b", "c", verify(true)));
        assert!(memory.holds("a.b", "c", verify(false)));
        assert_eq!(asked.get(), 1);
        assert!(!memory.holds("a.b", "d", verify(false)));
        assert!(!memory.holds("a.b", "d", verify(false)));
        assert!(!memory.holds("a", "b.d", verify(false)));
        assert_eq!(asked.get(), 4);
    }
}
