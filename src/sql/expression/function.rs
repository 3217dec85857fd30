//! Calls of functions as SQL. Their arguments are written by `term`.

use super::term::{property, value};
use crate::plan::{Function, Term, TermKind, Type};
use crate::sql::statement::{Cells, Writer};

/// Ticks of a day.
pub(super) const DAY: &str = "864000000000";
/// More characters than any text has.
const MOST: i32 = i32::MAX;

/// The value of a call where the entity's row is `alias`. A function of a time gets the ticks in the
/// local time of the value.
pub(in crate::sql) fn call(
    writer: &mut Writer,
    function: Function,
    arguments: &[Term],
    alias: &str,
) -> String {
    let mut written = |argument: &Term| match argument.of {
        Type::Instant | Type::Date | Type::TimeOfDay => local(writer, argument, alias),
        Type::Text | Type::Boolean | Type::Number | Type::Duration | Type::Enum(_) => {
            value(writer, argument, alias)
        }
    };
    let values: Vec<String> = arguments.iter().map(&mut written).collect();
    let argument = |index: usize| values.get(index).map_or("", String::as_str);
    let (first, second) = (argument(0), argument(1));
    let part = |unit: &str, count: &str| format!("(({first} / {unit}) % {count})::numeric");
    match function {
        Function::Contains => format!("(strpos({first}, {second}) > 0)"),
        Function::StartsWith => format!("starts_with({first}, {second})"),
        Function::EndsWith => format!("(right({first}, char_length({second})) = {second})"),
        Function::Length => format!("char_length({first})::numeric"),
        Function::IndexOf => format!("(strpos({first}, {second}) - 1)::numeric"),
        Function::Substring => substring(writer, first, second, values.get(2)),
        Function::ToLower => format!("lower_case({first}) COLLATE \"C\""),
        Function::ToUpper => format!("upper_case({first}) COLLATE \"C\""),
        Function::Trim => format!("btrim({first}, E' \\t\\n\\r\\f\\x0b')"),
        Function::Concat => format!("({first} || {second})"),
        Function::Year => format!("extract(year FROM moment({first}))"),
        Function::Month => format!("extract(month FROM moment({first}))"),
        Function::Day => format!("extract(day FROM moment({first}))"),
        Function::Hour => part("36000000000", "24"),
        Function::Minute => part("600000000", "60"),
        Function::Second => part("10000000", "60"),
        Function::FractionalSeconds => format!("(({first} % 10000000)::numeric / 10000000)"),
        Function::Date => format!("({first} / {DAY})"),
        Function::Time => format!("({first} % {DAY})"),
        Function::TotalOffsetMinutes => offset(writer, &arguments[0], alias),
        Function::Round => format!("round({first})"),
        Function::Floor => format!("floor({first})"),
        Function::Ceiling => format!("ceil({first})"),
    }
}

/// A negative start counts from the end, as in the function `right` of SQL, except for a start of 0.
/// A calculated length that is negative is null, so the filter matches no entity.
fn substring(writer: &mut Writer, text: &str, start: &str, length: Option<&String>) -> String {
    let own = writer.alias("part");
    let kept = format!("CASE {own}.start WHEN 0 THEN {MOST} ELSE -{own}.start END");
    let kept = format!("least(greatest({kept}, -{MOST}), {MOST})::integer");
    let from = format!("(SELECT trunc({start}) AS start) AS {own}");
    let rest = format!("(SELECT right({text}, {kept}) FROM {from})");
    match length {
        None => rest,
        Some(length) => {
            let length = format!("nullif(least(greatest(trunc({length}), -1), {MOST}), -1)");
            format!("left({rest}, {length}::integer)")
        }
    }
}

/// The ticks in the local time of the value.
fn local(writer: &mut Writer, moment: &Term, alias: &str) -> String {
    match (moment.of, &moment.kind) {
        (Type::Instant, TermKind::Property(read)) => {
            property(writer, read, alias, |ticks, offset| {
                format!("({ticks} + {offset}::bigint * 600000000)")
            })
        }
        (Type::Instant, TermKind::Ticks(ticks, offset)) => {
            let local = ticks + i64::from(*offset) * 600_000_000;
            writer.bind_one(Cells::Bigints(vec![Some(local)]))
        }
        (Type::Date, _) => format!("({} * {DAY})", value(writer, moment, alias)),
        _ => value(writer, moment, alias),
    }
}

/// The offset of the value, in minutes.
fn offset(writer: &mut Writer, moment: &Term, alias: &str) -> String {
    match &moment.kind {
        TermKind::Property(read) => {
            property(writer, read, alias, |_, offset| format!("{offset}::numeric"))
        }
        TermKind::Ticks(_, offset) => format!("{offset}::numeric"),
        // Null is null, and all others are in UTC.
        _ => format!("({} * 0)::numeric", value(writer, moment, alias)),
    }
}
