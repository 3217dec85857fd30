//! A bounded map by fingerprint, which forgets what was not used for long. Knows no values.

use std::collections::HashMap;
use std::mem;

use aws_lc_rs::digest::{SHA256, digest};

/// A hash with which nothing else collides, by SHA-256 or HMAC.
pub(in crate::auth) type Fingerprint = [u8; 32];

/// The fingerprint of a whole token, signature included.
pub(in crate::auth) fn fingerprint(token: &str) -> Fingerprint {
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    fingerprint
}

/// Values by fingerprint. When the newer generation is full, it becomes the older one, and the older one
/// is dropped.
pub(in crate::auth) struct Generations<V> {
    capacity: usize,
    newer: HashMap<Fingerprint, V>,
    older: HashMap<Fingerprint, V>,
}

impl<V: Clone> Generations<V> {
    /// An empty map; each of the two generations has at most this many values.
    pub(in crate::auth) fn new(capacity: usize) -> Self {
        Self { capacity, newer: HashMap::new(), older: HashMap::new() }
    }

    /// The value of a fingerprint, which is in the newer generation from now on.
    pub(in crate::auth) fn get(&mut self, fingerprint: &Fingerprint) -> Option<V> {
        if let Some(value) = self.newer.get(fingerprint) {
            return Some(value.clone());
        }
        let value = self.older.remove(fingerprint)?;
        self.insert(*fingerprint, value.clone());
        Some(value)
    }

    pub(in crate::auth) fn insert(&mut self, fingerprint: Fingerprint, value: V) {
        if self.newer.len() >= self.capacity {
            mem::swap(&mut self.newer, &mut self.older);
            self.newer.clear();
        }
        self.newer.insert(fingerprint, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The capacity of a generation.
    const CAPACITY: usize = 100;

    #[test]
    fn the_cache_has_two_generations_at_most() {
        let mut cached = Generations::new(CAPACITY);
        for number in 0..3 * CAPACITY + 1 {
            let mut fingerprint = Fingerprint::default();
            fingerprint[..8].copy_from_slice(&number.to_le_bytes());
            cached.insert(fingerprint, ());
            assert!(cached.newer.len() <= CAPACITY && cached.older.len() <= CAPACITY);
        }
        assert_eq!(cached.newer.len(), 1);
        assert_eq!(cached.older.len(), CAPACITY);
    }
}
