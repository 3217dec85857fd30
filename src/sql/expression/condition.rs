//! Conditions as SQL. A comparison is written so that null makes it false rather than unknown, and
//! so that an index can still serve it.

use super::term::{self, row_name};
use crate::odata::Comparison;
use crate::plan::{Condition, Page, Range, RangeOf, Term, TermKind, Type};
use crate::sql::path::links;
use crate::sql::statement::{Cells, Writer};

/// Less than each value of an indexed column.
const LEAST: &str = "-9000000000000000000";

/// ` AND …`: the filter of a page for rows of `alias`; empty if there is none.
pub(in crate::sql) fn of_page(writer: &mut Writer, page: &Page, alias: &str) -> String {
    and(writer, page.filter.as_ref(), alias)
}

/// ` AND …`: a condition on rows of `alias`, if there is one.
pub(in crate::sql) fn and(
    writer: &mut Writer,
    condition: Option<&Condition>,
    alias: &str,
) -> String {
    let condition = condition.map(|condition| text(writer, condition, alias));
    condition.map_or_else(String::new, |condition| format!(" AND {condition}"))
}

/// A condition on rows of `alias`.
pub(super) fn text(writer: &mut Writer, condition: &Condition, alias: &str) -> String {
    let mut joined = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| text(writer, part, alias)).collect();
        format!("({})", parts.join(word))
    };
    match condition {
        Condition::And(parts) => joined(parts, " AND "),
        Condition::Or(parts) => joined(parts, " OR "),
        Condition::Not(inner) => format!("(NOT {})", text(writer, inner, alias)),
        Condition::IsNotTrue(inner) => format!("({} IS NOT TRUE)", text(writer, inner, alias)),
        Condition::Compare(operator, left, right) => compare(writer, *operator, left, right, alias),
        Condition::EqualOrBothNull(left, right) => {
            let (left, right) = both(writer, left, right, alias);
            format!("({left} IS NOT DISTINCT FROM {right})")
        }
        Condition::IsNull(value) => format!("({} IS NULL)", term::value(writer, value, alias)),
        Condition::In(value, list) => is_in(writer, value, list, alias),
        Condition::Truth(truth) => format!("({})", term::value(writer, truth, alias)),
        Condition::IsOf(read) => {
            format!("({} IS NOT NULL)", term::property(writer, read, alias, |value, _| value))
        }
        Condition::Exists(range, inner) => exists(writer, range, inner.as_deref(), alias),
        Condition::Constant(truth) => truth.to_string(),
    }
}

fn both(writer: &mut Writer, left: &Term, right: &Term, alias: &str) -> (String, String) {
    (term::value(writer, left, alias), term::value(writer, right, alias))
}

fn compare(
    writer: &mut Writer,
    operator: Comparison,
    left: &Term,
    right: &Term,
    alias: &str,
) -> String {
    let symbol = match operator {
        Comparison::Eq => "=",
        Comparison::Ne => "<>",
        Comparison::Gt => ">",
        Comparison::Ge => ">=",
        Comparison::Lt => "<",
        Comparison::Le => "<=",
    };
    let indexed = with_index(left, alias) + &with_index(right, alias);
    // A bind is never null, so only a null of the column has to be excluded.
    let left_serves = term::is_column(left) && right.is_constant();
    let right_serves = left.is_constant() && term::is_column(right);
    let (left, right) = match term::is_whole(left) && term::is_whole(right) {
        true => (term::whole(writer, left, alias), term::whole(writer, right, alias)),
        false => both(writer, left, right, alias),
    };
    match (left_serves, right_serves) {
        (true, _) => format!("({left} {symbol} {right} AND {left} IS NOT NULL{indexed})"),
        (_, true) => format!("({left} {symbol} {right} AND {right} IS NOT NULL{indexed})"),
        _ => format!("(({left} {symbol} {right}) IS TRUE)"),
    }
}

/// ` AND …`: the predicate of the index that sorts a collection by the value, if there is such an
/// index. It is always true; the index serves only statements that have it.
pub(in crate::sql) fn with_index(value: &Term, alias: &str) -> String {
    let property = value.own_property().filter(|property| property.indexed);
    property.map_or_else(String::new, |it| format!(" AND {alias}.{} > {LEAST}", it.column))
}

fn is_in(writer: &mut Writer, value: &Term, list: &[Term], alias: &str) -> String {
    let is_whole = term::is_whole(value) && list.iter().all(term::is_whole);
    let (value, list) = match is_whole {
        true => {
            let numbers = list.iter().map(|it| match &it.kind {
                TermKind::Number(text) => term::whole_number(text),
                _ => None,
            });
            let numbers = writer.bind(Cells::Bigints(numbers.collect()));
            (term::whole(writer, value, alias), numbers)
        }
        false => (term::value(writer, value, alias), bound_list(writer, value.of, list)),
    };
    format!("({value} = ANY({list}) AND {value} IS NOT NULL)")
}

/// The literals of a list as one bind.
fn bound_list(writer: &mut Writer, of: Type, list: &[Term]) -> String {
    let texts = |list: &[Term]| {
        let text = |term: &Term| match &term.kind {
            TermKind::Text(text) | TermKind::Number(text) => Some(text.clone()),
            TermKind::Member(_, member) => Some((*member).into()),
            TermKind::Boolean(truth) => Some(truth.to_string()),
            _ => None,
        };
        Cells::Texts(list.iter().map(text).collect())
    };
    let ticks = |list: &[Term]| {
        let ticks = |term: &Term| match term.kind {
            TermKind::Ticks(ticks, _) => Some(ticks),
            _ => None,
        };
        Cells::Bigints(list.iter().map(ticks).collect())
    };
    match of {
        Type::Text => writer.bind(texts(list)),
        Type::Boolean => format!("{}::boolean[]", writer.bind(texts(list))),
        Type::Number => format!("{}::numeric[]", writer.bind(texts(list))),
        Type::Enum(enumeration) if !enumeration.column_type.is_empty() => {
            format!("{}::{}[]", writer.bind(texts(list)), enumeration.column_type)
        }
        Type::Enum(enumeration) => {
            let place = |term: &Term| match &term.kind {
                TermKind::Member(_, member) => enumeration.place(member),
                _ => None,
            };
            writer.bind(Cells::Bigints(list.iter().map(place).collect()))
        }
        Type::Instant | Type::Date | Type::TimeOfDay | Type::Duration => writer.bind(ticks(list)),
    }
}

fn exists(writer: &mut Writer, range: &Range, inner: Option<&Condition>, alias: &str) -> String {
    let item = format!("item_{}", range.item);
    let (from, links) = match range.of {
        RangeOf::Entities(navigation) => {
            let mut row = row_name(range.read.row, alias);
            let (mut from, mut joined) = (String::new(), String::new());
            for step in &range.read.through {
                let own = writer.alias("via");
                from += &format!("{} AS {own}, ", step.target.table);
                joined += &format!("{} AND ", links(step, &row, &own));
                row = own;
            }
            let (table, links) = (navigation.target.table, links(navigation, &row, &item));
            (format!("{from}{table} AS {item}"), format!("{joined}{links}"))
        }
        RangeOf::Texts | RangeOf::Complexes => {
            let items = term::property(writer, &range.read, alias, |column, _| column);
            let stored_as_json = !range.read.members.is_empty() || range.read.property.is_none();
            let array = term::json_array(&items);
            let from = match (range.of, stored_as_json) {
                (RangeOf::Texts, false) => format!("unnest({items})"),
                (RangeOf::Texts, true) => format!("json_array_elements_text({array})"),
                _ => format!("json_array_elements({array})"),
            };
            (format!("{from} AS {item} (value)"), "true".into())
        }
    };
    let inner = and(writer, inner, alias);
    format!("EXISTS (SELECT FROM {from} WHERE {links}{inner})")
}
