//! Random numbers of the simulation. Each thing and purpose has a stream of its own, so no draw moves
//! another one. Only exact arithmetic is used, so each platform draws the same numbers.

use aws_lc_rs::digest::{SHA256, digest};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

/// The number of values of a `f64` between 0 and 1 that are equally far apart.
const UNIT_STEPS: f64 = (1_u64 << 53) as f64;

/// A stream of random numbers.
pub(super) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream for one purpose of one thing. The name and the numbers say which thing it is.
    pub(super) fn new(seed: u64, purpose: &str, name: &str, numbers: &[u32]) -> Self {
        Self(ChaCha8Rng::from_seed(hash(seed, purpose, name, numbers)))
    }

    /// A number from 0 up to, but not including, 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / UNIT_STEPS
    }

    /// Whether something happens that has this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A number from `low` up to, but not including, `high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number below `limit`.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        (self.unit() * f64::from(limit)) as u32
    }

    /// A number from a bell curve: the sum of twelve uniform numbers comes close to a normal
    /// distribution.
    pub(super) fn bell(&mut self, mean: f64, deviation: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.unit()).sum();
        mean + deviation * (sum - 6.0)
    }

    /// A positive number with a long tail: half of the numbers are below `median`, one in ten is above
    /// three times `median`, one in a hundred above ten times.
    pub(super) fn long_tail(&mut self, median: f64) -> f64 {
        let unit = self.unit();
        median * (unit / (1.0 - unit)).sqrt()
    }

    /// One of the items, chosen by weight; `None` if no item has a positive weight.
    pub(super) fn pick<'a, T>(
        &mut self,
        items: &'a [T],
        weight: impl Fn(&T) -> f64,
    ) -> Option<&'a T> {
        let total: f64 = items.iter().map(&weight).sum();
        let mut left = self.unit() * total;
        items.iter().find(|item| {
            left -= weight(item);
            left < 0.0
        })
    }

    /// Replaces in a pattern each `A` by a capital letter, each `9` by a digit, and each `X` by a
    /// letter or a digit.
    pub(super) fn fill(&mut self, pattern: &str) -> String {
        // Without I and O, which serial numbers avoid.
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
        const BOTH: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        let mut one_of = |set: &[u8]| char::from(set[self.below(set.len() as u32) as usize]);
        let characters = pattern.chars().map(|character| match character {
            'A' => one_of(LETTERS),
            '9' => one_of(&BOTH[..10]),
            'X' => one_of(BOTH),
            other => other,
        });
        characters.collect()
    }
}

/// A GUID that is a function of its parameters.
pub(super) fn guid(seed: u64, purpose: &str, name: &str, numbers: &[u32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash(seed, purpose, name, numbers)[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}

fn hash(seed: u64, purpose: &str, name: &str, numbers: &[u32]) -> [u8; 32] {
    let mut text = Vec::with_capacity(64);
    text.extend_from_slice(&seed.to_be_bytes());
    text.extend_from_slice(purpose.as_bytes());
    text.push(0);
    text.extend_from_slice(name.as_bytes());
    text.push(0);
    numbers.iter().for_each(|number| text.extend_from_slice(&number.to_be_bytes()));
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, &text).as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_each_of_its_parameters() {
        let first = |seed, purpose, name, numbers: &[u32]| {
            Stream::new(seed, purpose, name, numbers).unit().to_bits()
        };
        let base = first(7, "wake", "a", &[1, 2]);
        assert_eq!(base, first(7, "wake", "a", &[1, 2]));
        for other in [
            first(8, "wake", "a", &[1, 2]),
            first(7, "wakea", "", &[1, 2]),
            first(7, "wake", "b", &[1, 2]),
            first(7, "wake", "a", &[2, 1]),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn draws_have_the_promised_distribution() {
        let mut stream = Stream::new(1, "test", "", &[]);
        let mut below = [0; 3];
        for _ in 0..30_000 {
            let value = stream.long_tail(10.0);
            below[0] += u32::from(value < 10.0);
            below[1] += u32::from(value < 30.0);
            below[2] += u32::from(value < 100.0);
        }
        assert!((14_500..15_500).contains(&below[0]), "{below:?}");
        assert!((26_700..27_300).contains(&below[1]), "{below:?}");
        assert!((29_600..29_800).contains(&below[2]), "{below:?}");
        let items = [("never", 0.0), ("often", 3.0), ("seldom", 1.0)];
        let often = (0..4_000).filter(|_| stream.pick(&items, |it| it.1) == Some(&items[1]));
        assert!((2_850..3_150).contains(&often.count()));
        assert_eq!(stream.pick(&items[..1], |it| it.1), None);
    }

    #[test]
    fn patterns_are_filled() {
        let filled = Stream::new(1, "serial", "", &[]).fill("5CG-A9X");
        let rest = filled.strip_prefix("5CG-").unwrap_or_else(|| panic!("{filled}"));
        assert!(rest.len() == 3 && rest.chars().all(|c| c.is_ascii_alphanumeric()), "{filled}");
    }
}
