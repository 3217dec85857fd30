//! Which of the requests that satisfy the conditions of a rule its fault happens to.

use crate::error::Result;
use crate::twin::members::Members;

/// All that is given must hold. Numbers count the requests that satisfy the conditions, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Turn {
    first: Option<u64>,
    nth: Option<u64>,
    every: Option<u64>,
    after: Option<u64>,
    times: Option<u64>,
    chance: Option<f64>,
}

impl Turn {
    /// Reads its members out of those of `when`.
    pub(super) fn read(members: &mut Members) -> Result<Self> {
        let mut number = |property| {
            let number = members.number(property, 1..=i64::MAX, "a whole number from 1");
            number.map(|it| it.map(i64::unsigned_abs))
        };
        let (first, nth) = (number("first")?, number("nth")?);
        let (every, after, times) = (number("every")?, number("after")?, number("times")?);
        let is_chance = |chance| (0.0..=1.0).contains(&chance);
        let chance = members.double("chance", is_chance, "a number from 0 to 1")?;
        Ok(Self { first, nth, every, after, times, chance })
    }

    /// Whether it is the turn of the request with this number, after so many hits.
    pub(super) fn is_now(&self, number: u64, hits: u64, random: f64) -> bool {
        self.first.is_none_or(|first| number <= first)
            && self.nth.is_none_or(|nth| number == nth)
            && self.every.is_none_or(|every| number.is_multiple_of(every))
            && self.after.is_none_or(|after| number > after)
            && self.times.is_none_or(|times| hits < times)
            && self.chance.is_none_or(|chance| random < chance)
    }
}
