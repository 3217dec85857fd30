//! Values of expressions as SQL. A time is a number of ticks, a date a number of days. They compare
//! exactly as numbers, and a calculation cannot leave the range of a date type of the database.

use super::{cast, condition, function};
use crate::model::{ComplexType, Edm, Key, Link, Navigation, Property, Source};
use crate::odata::Arithmetic;
use crate::plan::{Condition, PropertyRead, Row, Term, TermKind, Type};
use crate::sql::input::offset_column;
use crate::sql::number::number;
use crate::sql::path::links;
use crate::sql::statement::{Cells, Writer};

/// The value of a term where the entity's row is `alias`.
pub(in crate::sql) fn value(writer: &mut Writer, term: &Term, alias: &str) -> String {
    match &term.kind {
        TermKind::Text(text) => writer.bind_text(text),
        TermKind::Member(enumeration, member) if enumeration.column_type.is_empty() => {
            writer.bind_one(Cells::Bigints(vec![enumeration.place(member)]))
        }
        // A name of the model, not of a client: a partial index on some members can serve it.
        TermKind::Member(enumeration, member) => {
            format!("'{member}'::{}", enumeration.column_type)
        }
        TermKind::Number(number) => format!("{}::numeric", writer.bind_text(number)),
        TermKind::Boolean(truth) => writer.bind_one(Cells::Booleans(vec![Some(*truth)])),
        TermKind::Ticks(ticks, _) => writer.bind_one(Cells::Bigints(vec![Some(*ticks)])),
        TermKind::Property(read) => property(writer, read, alias, |column, _| column),
        TermKind::Call(called, arguments) => function::call(writer, *called, arguments, alias),
        TermKind::Calculate(operator, left, right) => match term.constant_ticks() {
            // An index of times can serve a comparison with the result, but not with a calculation.
            Some(ticks) => writer.bind_one(Cells::Bigints(vec![Some(ticks)])),
            None => {
                let (left, right) = (value(writer, left, alias), value(writer, right, alias));
                calculation(*operator, &left, &right)
            }
        },
        TermKind::Negate(inner) => format!("(-({})::numeric)", value(writer, inner, alias)),
        TermKind::Count(read, navigation) => count(writer, read, navigation, None, alias),
        TermKind::CountOf(read, navigation, filter) => {
            count(writer, read, navigation, Some(filter), alias)
        }
        TermKind::Items(read) => {
            let is_array = read.members.is_empty() && !matches!(read.edm(), Edm::Complexes(_));
            property(writer, read, alias, |items, _| items_number(&items, is_array))
        }
        TermKind::Condition(condition) => condition::text(writer, condition, alias),
        TermKind::Cast(inner, to) => cast::cast(writer, inner, *to, alias),
        TermKind::Null => format!("NULL::{}", null_type(term.of)),
    }
}

/// The type of the database for a null of a type.
fn null_type(of: Type) -> &'static str {
    match of {
        Type::Text | Type::Enum(_) => "text COLLATE \"C\"",
        Type::Boolean => "boolean",
        Type::Number => "numeric",
        Type::Instant | Type::Date | Type::TimeOfDay | Type::Duration => "bigint",
    }
}

/// Whether a term is a column of the row itself, for which an index may exist. The key of an entity
/// that the row refers to is one, too.
pub(in crate::sql) fn is_column(term: &Term) -> bool {
    let TermKind::Property(PropertyRead { through, property, members, .. }) = &term.kind else {
        return false;
    };
    members.is_empty()
        && match (&through[..], property) {
            ([], _) => true,
            ([navigation], Some(property)) => key_link(navigation, property).is_some(),
            _ => false,
        }
}

/// Whether a term is a whole number: a literal, or a column of the row itself.
pub(in crate::sql) fn is_whole(term: &Term) -> bool {
    match &term.kind {
        TermKind::Number(text) => whole_number(text).is_some(),
        TermKind::Property(PropertyRead { through, property, members, .. }) => {
            let is_own = through.is_empty() && members.is_empty();
            is_own && property.is_some_and(|it| matches!(it.edm, Edm::Int32 | Edm::Int64))
        }
        _ => false,
    }
}

/// The value of a whole number in the type of its column, so that an index can serve a comparison.
pub(in crate::sql) fn whole(writer: &mut Writer, term: &Term, alias: &str) -> String {
    match &term.kind {
        TermKind::Number(text) => writer.bind_one(Cells::Bigints(vec![whole_number(text)])),
        TermKind::Property(PropertyRead { row, property: Some(property), .. }) => {
            format!("{}.{}", row_name(*row, alias), property.column)
        }
        _ => value(writer, term, alias),
    }
}

/// The whole number that a literal is, such as `5` and `5.0`.
pub(in crate::sql) fn whole_number(literal: &str) -> Option<i64> {
    let (whole, fraction) = literal.split_once('.').unwrap_or((literal, ""));
    whole.parse().ok().filter(|_| fraction.bytes().all(|digit| digit == b'0'))
}

/// The alias of a row.
pub(in crate::sql) fn row_name(row: Row, alias: &str) -> String {
    match row {
        Row::Entity => alias.to_owned(),
        Row::Item(number) => format!("item_{number}"),
    }
}

/// A property of a row; `finish` makes the expression of its column and of its offset column.
pub(in crate::sql) fn property(
    writer: &mut Writer,
    read: &PropertyRead,
    alias: &str,
    finish: impl Fn(String, String) -> String,
) -> String {
    let row = row_name(read.row, alias);
    let edm = read.edm();
    let Some(property) = read.property else {
        return finish(member(&format!("{row}.value"), &read.members, edm), String::new());
    };
    let column = |row: &str, name: &str| {
        let whole = format!("{row}.{name}");
        let column = stored(member(&whole, &read.members, edm), property, read);
        let column = match read.cast {
            None => column,
            Some(of) => of_type(of, &whole, &column),
        };
        finish(column, format!("{row}.{}", offset_column(property)))
    };
    through(writer, &read.through, property, &row, &column)
}

/// Follows navigations to one entity. The key of that entity is a column of the source already.
fn through(
    writer: &mut Writer,
    navigations: &[&'static Navigation],
    property: &Property,
    row: &str,
    column: &impl Fn(&str, &str) -> String,
) -> String {
    let source = navigations.split_last();
    let source = source.and_then(|(last, rest)| Some((rest, key_link(last, property)?.source)));
    let (navigations, name) = source.unwrap_or((navigations, property.column));
    at_end(writer, navigations, row, |_, row| column(row, name))
}

/// How many entities a collection has, or how many of them pass a filter. Null if a navigation before it
/// leads to no entity.
fn count(
    writer: &mut Writer,
    read: &PropertyRead,
    collection: &Navigation,
    filter: Option<&Condition>,
    alias: &str,
) -> String {
    at_end(writer, &read.through, &row_name(read.row, alias), |writer, row| {
        let items = writer.alias("counted");
        let written = || condition::and(writer, filter, &items);
        format!("{}::numeric", number(collection, row, &items, filter, written))
    })
}

/// Follows navigations from a row, each to one entity; `inner` makes an expression of the last row. Null
/// if one of them leads to no entity.
fn at_end(
    writer: &mut Writer,
    navigations: &[&'static Navigation],
    row: &str,
    inner: impl FnOnce(&mut Writer, &str) -> String,
) -> String {
    let Some((navigation, rest)) = navigations.split_first() else { return inner(writer, row) };
    let own = writer.alias("via");
    let inner = at_end(writer, rest, &own, inner);
    let (links, table) = (links(navigation, row, &own), navigation.target.table);
    format!("(SELECT {inner} FROM {table} AS {own} WHERE {links})")
}

/// The column of the source that holds this property of the entity to which a navigation leads.
fn key_link(navigation: &Navigation, property: &Property) -> Option<&'static Link> {
    navigation.links.iter().find(|link| link.target == property.column)
}

/// A stored value in the form in which it is compared.
fn stored(column: String, property: &Property, read: &PropertyRead) -> String {
    match property.edm {
        Edm::Int32 | Edm::Int64 | Edm::Double => format!("{column}::numeric"),
        Edm::String if property.source == Source::Key && read.members.is_empty() => {
            match read.entity_type.key {
                Key::Server => format!("{column}::text"),
                _ => column,
            }
        }
        _ => column,
    }
}

/// A part of a complex value; null if the value is of another type.
fn of_type(of: &'static ComplexType, value: &str, part: &str) -> String {
    let names = of.with_derived().map(|it| format!("'#{}'", it.qualified_name()));
    let names = names.collect::<Vec<_>>().join(", ");
    format!("(CASE WHEN {value}->>'@odata.type' IN ({names}) THEN {part} END)")
}

/// How many items a collection has, which is an array or JSON.
pub(in crate::sql) fn items_number(items: &str, is_array: bool) -> String {
    match is_array {
        true => format!("cardinality({items})::numeric"),
        false => format!("coalesce(json_array_length({}), 0)::numeric", json_array(items)),
    }
}

/// A collection in JSON; null where a member of a complex value is absent or null.
pub(in crate::sql) fn json_array(items: &str) -> String {
    format!("CASE WHEN json_typeof({items}) = 'array' THEN {items} END")
}

/// A member of a complex value.
fn member(column: &str, members: &[&Property], edm: Edm) -> String {
    let Some((last, outer)) = members.split_last() else { return column.to_owned() };
    let outer: String = outer.iter().map(|member| format!("->'{}'", member.name)).collect();
    let text = format!("({column}{outer}->>'{}')", last.name);
    match edm {
        Edm::Strings | Edm::Complexes(_) => format!("({column}{outer}->'{}')", last.name),
        // In the order of the members, as with an enumeration type of the database.
        Edm::Enum(enumeration) if enumeration.column_type.is_empty() => {
            let names: Vec<&str> = enumeration.names().collect();
            format!("array_position(ARRAY['{}'], {text})", names.join("','"))
        }
        Edm::Boolean => format!("{text}::boolean"),
        Edm::Int32 | Edm::Int64 | Edm::Double => format!("{text}::numeric"),
        Edm::Enum(enumeration) if !enumeration.column_type.is_empty() => {
            format!("{text}::{}", enumeration.column_type)
        }
        _ => format!("{text} COLLATE \"C\""),
    }
}

fn calculation(operator: Arithmetic, left: &str, right: &str) -> String {
    let (left, right) = (format!("({left})::numeric"), format!("({right})::numeric"));
    match operator {
        Arithmetic::Add => format!("({left} + {right})"),
        Arithmetic::Sub => format!("({left} - {right})"),
        Arithmetic::Mul => format!("({left} * {right})"),
        // A division by zero is null, so the filter matches no entity.
        Arithmetic::Div => format!("trunc({left} / nullif({right}, 0))"),
        Arithmetic::DivBy => format!("({left} / nullif({right}, 0))"),
        Arithmetic::Mod => format!("({left} % nullif({right}, 0))"),
    }
}
