//! Guesses whether an upsert will create its entity or change it, so that most upserts take one
//! statement. A wrong guess costs a second one and nothing else. Knows no statement.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many entities are remembered, in 4 bytes each. Of two in the same place, the later one is.
const REMEMBERED: usize = 1 << 20;
/// How many upserts of unknown entities decide what the next one is expected to do. A single first report
/// among others changes nothing.
const MEMORY: i32 = 8;

#[derive(Debug)]
pub(super) struct Upserts {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// A mark of each entity that an upsert wrote, in the place of the entity; 0 where there is none. The
    /// memory is taken from the system when a place is used for the first time.
    written: Vec<u32>,
    /// How many more of the last upserts of unknown entities created them than changed them, up to
    /// [`MEMORY`] either way.
    more_created: i32,
}

impl Upserts {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State { written: vec![0; REMEMBERED], more_created: 0 }) }
    }

    /// Whether the upsert of an entity, given by its hash, should try first to create it. A device reports
    /// a script for the first time and then again: what was written here exists. Of others, a new fleet
    /// creates all and an old one, which reports to a new server, none.
    pub(super) fn should_create(&self, entity: u64) -> bool {
        let (place, mark) = place_and_mark(entity);
        let state = self.state();
        state.written[place] != mark && state.more_created > 0
    }

    /// Remembers that an upsert wrote an entity, and whether it created it.
    pub(super) fn remember(&self, entity: u64, created: bool) {
        let (place, mark) = place_and_mark(entity);
        let mut state = self.state();
        if mem::replace(&mut state.written[place], mark) != mark {
            let change = if created { 1 } else { -1 };
            state.more_created = (state.more_created + change).clamp(-MEMORY, MEMORY);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of an entity, and what marks it there: different bits of its hash.
fn place_and_mark(entity: u64) -> (usize, u32) {
    let place = usize::try_from(entity % REMEMBERED as u64).unwrap_or_default();
    (place, u32::try_from(entity >> 32).unwrap_or_default() | 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u64 = 0x1234_5678_0000_0001;
    const SECOND: u64 = 0x1234_5678_0000_0002;
    /// An entity in the place of the first one.
    const THIRD: u64 = 0x8765_4321_0000_0001;

    #[test]
    fn an_unknown_entity_is_created_when_most_of_the_last_ones_were() {
        let upserts = Upserts::new();
        assert!(!upserts.should_create(SECOND));
        upserts.remember(FIRST, true);
        assert!(upserts.should_create(SECOND));
        upserts.remember(THIRD, false);
        assert!(!upserts.should_create(SECOND));
    }

    #[test]
    fn an_entity_that_was_written_is_changed_whatever_others_are() {
        let upserts = Upserts::new();
        (0..100).for_each(|entity| upserts.remember(entity << 32 | entity, true));
        assert!(upserts.should_create(FIRST));
        upserts.remember(FIRST, true);
        assert!(!upserts.should_create(FIRST));
    }

    #[test]
    fn changes_of_known_entities_say_nothing_of_unknown_ones() {
        let upserts = Upserts::new();
        upserts.remember(FIRST, true);
        (0..100).for_each(|_| upserts.remember(FIRST, false));
        assert!(upserts.should_create(SECOND));
    }
}
