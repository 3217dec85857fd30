//! How many entities a navigation leads to: out of counters if there are counters for the filter,
//! otherwise by counting rows.

use super::path::{linked, links};
use crate::model::{Counter, CountersByValue, Navigation};
use crate::odata::Comparison;
use crate::plan::{Condition, Term, TermKind};

/// The number of entities to which a navigation leads from `source` and that pass a condition.
/// `filter` writes the condition for rows of `alias`; it is called only if rows are counted.
pub(super) fn number(
    navigation: &Navigation,
    source: &str,
    alias: &str,
    condition: Option<&Condition>,
    filter: impl FnOnce() -> String,
) -> String {
    let counted = navigation.counter.and_then(|counter| Some((counter, sum(counter, condition)?)));
    match counted {
        Some((Counter { table, links, .. }, sum)) => {
            let links = linked(links, source, "counter");
            format!("(SELECT {sum} FROM {table} AS counter WHERE {links})")
        }
        None => {
            let (table, links) = (navigation.target.table, links(navigation, source, alias));
            format!("(SELECT count(*) FROM {table} AS {alias} WHERE {links}{})", filter())
        }
    }
}

/// The sum of counters that is the number of entities which pass the condition, if there is one.
fn sum(counter: &Counter, condition: Option<&Condition>) -> Option<String> {
    let Some(condition) = condition else { return Some(format!("counter.{}", counter.column)) };
    let CountersByValue { property, counters } = counter.by_value?;
    let mut sum = String::from("0::bigint");
    for counter in *counters {
        if holds(condition, property, counter.value)? {
            sum.push_str(&format!(" + counter.{}", counter.column));
            let less = counter.less.map(|less| format!(" - counter.{less}"));
            sum.push_str(&less.unwrap_or_default());
        }
    }
    Some(sum)
}

/// Whether a condition is true of every entity with this value of a property, or of none. `None` if
/// it depends on anything else.
fn holds(condition: &Condition, property: &str, value: &str) -> Option<bool> {
    let all = |parts: &[Condition]| {
        parts.iter().map(|part| holds(part, property, value)).collect::<Option<Vec<bool>>>()
    };
    match condition {
        Condition::And(parts) => Some(all(parts)?.into_iter().all(|part| part)),
        Condition::Or(parts) => Some(all(parts)?.into_iter().any(|part| part)),
        Condition::Not(inner) => Some(!holds(inner, property, value)?),
        Condition::Compare(Comparison::Eq, left, right) => {
            let is_first = reads(left, property);
            let (read, member) = if is_first { (left, right) } else { (right, left) };
            if reads(read, property) { is_member(member, value) } else { None }
        }
        Condition::In(read, list) if reads(read, property) => {
            let members: Option<Vec<bool>> = list.iter().map(|it| is_member(it, value)).collect();
            Some(members?.contains(&true))
        }
        Condition::Constant(truth) => Some(*truth),
        _ => None,
    }
}

/// Whether a term is this property of the entity itself.
fn reads(term: &Term, name: &str) -> bool {
    term.own_property().is_some_and(|property| property.name == name)
}

/// Whether a member of an enumeration is this one.
fn is_member(term: &Term, value: &str) -> Option<bool> {
    match &term.kind {
        TermKind::Member(_, member) => Some(*member == value),
        _ => None,
    }
}
