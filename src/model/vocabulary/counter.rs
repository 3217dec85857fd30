//! Counters: columns that say how many entities a navigation leads to, so that no rows are counted. Knows
//! no entity.

use super::Link;

/// The number of entities that a navigation leads to. Triggers move it with the rows.
#[derive(Debug)]
pub struct Counter {
    /// The table of the counter.
    pub table: &'static str,
    /// The column that counts all of the entities.
    pub column: &'static str,
    /// Which columns of that table hold which of the source; both have the same tenant besides.
    pub links: &'static [Link],
    /// The counters of the entities with each value of a property, if there are any.
    pub by_value: Option<&'static CountersByValue>,
}

/// The numbers of entities with each value of one property, in the same row as the number of all.
#[derive(Debug)]
pub struct CountersByValue {
    /// The name of the property, an enumeration that is never null.
    pub property: &'static str,
    /// A counter for each value.
    pub counters: &'static [ValueCounter],
}

/// The number of entities with one value of a property.
#[derive(Debug)]
pub struct ValueCounter {
    /// The value, a member of the enumeration.
    pub value: &'static str,
    /// The column that counts the entities with this value, and perhaps others.
    pub column: &'static str,
    /// The column that counts those others.
    pub less: Option<&'static str>,
}

impl ValueCounter {
    pub(in crate::model) const fn new(value: &'static str, column: &'static str) -> Self {
        Self { value, column, less: None }
    }

    pub(in crate::model) const fn less(self, column: &'static str) -> Self {
        Self { less: Some(column), ..self }
    }
}
