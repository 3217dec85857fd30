//! `cast` as SQL. Where a value does not fit the type, the expression is null, never an error.

use super::function::DAY;
use super::term::{property, value};
use crate::plan::{Primitive, Term, TermKind, Type};
use crate::sql::statement::Writer;

/// The value of a cast where the entity's row is `alias`.
pub(super) fn cast(writer: &mut Writer, inner: &Term, to: Primitive, alias: &str) -> String {
    match (inner.of, to) {
        (_, Primitive::String) => format!("({} COLLATE \"C\")", text(writer, inner, alias)),
        (_, Primitive::Boolean) => {
            let text = value(writer, inner, alias);
            format!("(CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END)")
        }
        (_, Primitive::DateTimeOffset) => format!("({} * {DAY})", value(writer, inner, alias)),
        (from, to) => {
            let value = value(writer, inner, alias);
            let number = match from {
                Type::Text if to.is_whole() => format!("whole_number_of({value})"),
                Type::Text if to == Primitive::Double => format!("double_of({value})"),
                Type::Text => format!("number_of({value})"),
                _ => value,
            };
            match to.range() {
                Some((least, most)) if to.is_whole() => {
                    format!("whole_number_within({number}, {least}, {most})")
                }
                Some((least, most)) => format!("double_within({number}, {least}, {most})"),
                None => number,
            }
        }
    }
}

/// The text of a value as JSON has it.
fn text(writer: &mut Writer, inner: &Term, alias: &str) -> String {
    if let (Type::Instant, TermKind::Property(read)) = (inner.of, &inner.kind) {
        return property(writer, read, alias, |ticks, offset| {
            format!("date_time_offset({ticks}, {offset})")
        });
    }
    let value = value(writer, inner, alias);
    let date_time = |ticks: &str| format!("date_time_offset(({ticks})::bigint, 0::smallint)");
    match inner.of {
        // The database writes an infinity in another way than JSON does.
        Type::Number => format!("replace(trim_scale({value})::text, 'Infinity', 'INF')"),
        Type::Enum(enumeration) if enumeration.column_type.is_empty() => {
            let names: Vec<&str> = enumeration.names().collect();
            format!("(ARRAY['{}'])[{value}]", names.join("','"))
        }
        Type::Instant => date_time(&value),
        Type::Date => format!("left({}, 10)", date_time(&format!("{value} * {DAY}"))),
        Type::TimeOfDay => format!("rtrim(substr({}, 12), 'Z')", date_time(&value)),
        Type::Duration => format!("duration(({value})::bigint)"),
        Type::Text | Type::Boolean | Type::Enum(_) => format!("({value})::text"),
    }
}
