//! Reads an assertion from JSON.

use super::{Assertion, Count, Manner};
use crate::error::{Result, TwinReason};
use crate::odata::Json;
use crate::twin::condition::Condition;
use crate::twin::limits::{MAX_ORDER, MAX_WITHIN};
use crate::twin::members::{Members, one_of, word, wrong};

impl Assertion {
    /// Reads an assertion. Without a `count`, at least one request must match, unless only an order
    /// or manners are asked for.
    ///
    /// # Errors
    /// For a member that is unknown or wrong, by name.
    pub fn read(mut members: Members) -> Result<Self> {
        let condition = members.json("match");
        let count = members.object("count")?.map(count).transpose()?;
        let within = members.limited_duration("within", MAX_WITHIN)?;
        let order = match members.json("order") {
            None => Vec::new(),
            Some(Json::Array(items)) if items.len() <= MAX_ORDER => {
                let read = |(index, item)| Condition::of_match(&format!("order[{index}]"), item);
                items.into_iter().enumerate().map(read).collect::<Result<_>>()?
            }
            Some(other) => return Err(wrong("order", &other, "a list of at most 100 matches")),
        };
        let expected = format!("a list of {}", one_of(Manner::NAMES));
        let manners = members.value("manners", &expected, manners)?.unwrap_or_default();
        members.end()?;
        let is_counted = condition.is_some() || (order.is_empty() && manners.is_empty());
        let usual = Count { at_least: is_counted.then_some(1), at_most: None };
        let count = match (count, manners.is_empty()) {
            (Some(count), _) => count,
            (None, true) => usual,
            (None, false) => Count::default(),
        };
        Ok(Self {
            condition: Condition::of_match("match", condition.unwrap_or(Json::Object(Vec::new())))?,
            count,
            within: within.unwrap_or_default(),
            order,
            manners,
        })
    }
}

fn count(mut members: Members) -> Result<Count> {
    let mut number = |name| {
        let number = members.number(name, 0..=i64::MAX, "a whole number from 0");
        number.map(|it| it.map(i64::unsigned_abs))
    };
    let exactly = number("exactly")?;
    let (at_least, at_most) = (number("atLeast")?, number("atMost")?);
    members.end()?;
    match exactly {
        None => Ok(Count { at_least, at_most }),
        Some(_) if at_least.or(at_most).is_some() => Err(TwinReason::CountTwice.into()),
        exactly => Ok(Count { at_least: exactly, at_most: exactly }),
    }
}

fn manners(json: &Json) -> Option<Vec<Manner>> {
    let Json::Array(items) = json else { return None };
    items.iter().map(|item| word(item, Manner::NAMES)).collect()
}
