//! A page: its rows, their order, and its start. Nulls are lowest. The last key of an order is the
//! key of the entity, so no two positions are equal.

use crate::model::Key;
use crate::plan::{OrderKey, Page, TermKind, Type};
use crate::sql::expression;
use crate::sql::statement::{Cells, Writer};

/// How many characters of a text count in an order: a position must fit into a URL.
const TEXT_LENGTH: usize = 256;

/// A query of one row for a page of the rows of `alias` in `source`, such as
/// `some_table AS entity WHERE …`: `entities`, the JSON of each with commas between them, null if
/// there are none; `position`, the position of the last one; `goes_on`, whether more follow.
pub(in crate::sql) fn one(
    writer: &mut Writer,
    page: &Page,
    entity: &str,
    source: &str,
    alias: &str,
) -> String {
    let keys = Keys::of(writer, page, alias);
    let after = after_condition(writer, page, &keys);
    let indexed = page.order.first().map(|key| expression::with_index(&key.term, alias));
    let indexed = indexed.unwrap_or_default();
    // An aggregate takes the rows of a sorted subquery in their order. With an ORDER BY of its own it
    // would copy all entities for one more sort.
    let (key, sorted) = match page.sorted_by_key {
        true => (format!("{alias}.id AS id, "), " ORDER BY listed.id"),
        false => (String::new(), ""),
    };
    // As a bind, so that the planner expects a page to be a part of the rows, not all of them. It then
    // reads an index in its order instead of sorting.
    let size = writer.bind_one(Cells::Bigints(vec![Some(page.size.into())]));
    // A page of no entities has no position from which another page could go on.
    let limit = if page.size == 0 { "0".into() } else { format!("{size} + 1") };
    format!(
        "SELECT string_agg(listed.entity, ','{sorted}) \
         FILTER (WHERE listed.place <= {size}) AS entities, \
         max(listed.position) FILTER (WHERE listed.place = {size}) AS position, \
         count(*) > {size} AS goes_on FROM (\
         SELECT {entity} AS entity, {key}{position} AS position, \
         row_number() OVER (ORDER BY {order}) - {skip} AS place FROM {source}{indexed}{after} \
         ORDER BY {order} LIMIT {limit} OFFSET {skip}) AS listed",
        position = keys.position(),
        order = keys.order(),
        skip = page.skip,
    )
}

/// The payload of the token for the page after a position: what the server signs.
pub(in crate::sql) fn token_payload(collection: &str, scan: &str, position: &str) -> String {
    format!(
        "json_build_object('collection', {collection}, 'scan', {scan}, 'after', {position})::text"
    )
}

/// The keys of an order, as SQL.
struct Keys(Vec<KeyOfOrder>);

struct KeyOfOrder {
    /// The expression of the key.
    value: String,
    /// The type to which the text of a position is cast.
    sql_type: String,
    descending: bool,
    nullable: bool,
}

impl Keys {
    /// The keys of a page's order for rows of `alias`.
    fn of(writer: &mut Writer, page: &Page, alias: &str) -> Self {
        let keys = page.order.iter().map(|key| match key.term.is_key() {
            true => of_key(key, alias),
            false => of_term(writer, key, alias),
        });
        Self(keys.collect())
    }

    /// The keys after `ORDER BY`.
    fn order(&self) -> String {
        // An index serves the order only if it places nulls in the same way, even if there are none.
        let keys = self.0.iter().map(|key| match (key.descending, key.nullable) {
            (false, false) => key.value.clone(),
            (true, false) => format!("{} DESC", key.value),
            (false, true) => format!("{} ASC NULLS FIRST", key.value),
            (true, true) => format!("{} DESC NULLS LAST", key.value),
        });
        keys.collect::<Vec<_>>().join(", ")
    }

    /// The position of a row: the value of each key as text.
    fn position(&self) -> String {
        let keys = self.0.iter().map(|key| format!("({})::text", key.value));
        format!("ARRAY[{}]", keys.collect::<Vec<_>>().join(", "))
    }
}

/// ` AND …`: the condition that a row is after the start of the page; empty for the first page.
fn after_condition(writer: &mut Writer, page: &Page, keys: &Keys) -> String {
    let Some(after) = &page.after else { return String::new() };
    let mut condition = String::new();
    for (place, (key, position)) in keys.0.iter().zip(after).enumerate().rev() {
        let value = &key.value;
        let cell = position.as_ref().map(|text| {
            format!("{}::{}", writer.bind_one(Cells::Texts(vec![Some(text.clone())])), key.sql_type)
        });
        let (beyond, same) = match (&cell, key.descending) {
            (Some(cell), false) => (format!("{value} > {cell}"), format!("{value} = {cell}")),
            (Some(cell), true) if key.nullable => {
                (format!("({value} < {cell} OR {value} IS NULL)"), format!("{value} = {cell}"))
            }
            (Some(cell), true) => (format!("{value} < {cell}"), format!("{value} = {cell}")),
            (None, false) => (format!("{value} IS NOT NULL"), format!("{value} IS NULL")),
            (None, true) => ("false".into(), format!("{value} IS NULL")),
        };
        condition = match (condition.is_empty(), &cell) {
            (true, _) => beyond,
            // The same once more without OR, so that an index starts at the position.
            (false, Some(cell)) if place == 0 && !key.nullable => {
                let not_before = if key.descending { "<=" } else { ">=" };
                format!("{value} {not_before} {cell} AND ({beyond} OR ({same} AND {condition}))")
            }
            (false, _) => format!("({beyond} OR ({same} AND {condition}))"),
        };
    }
    format!(" AND {condition}")
}

fn of_term(writer: &mut Writer, key: &OrderKey, alias: &str) -> KeyOfOrder {
    let value = expression::value(writer, &key.term, alias);
    let (value, sql_type) = match key.term.of {
        Type::Text => (format!("left({value}, {TEXT_LENGTH}) COLLATE \"C\""), "text".into()),
        Type::Boolean => (value, "boolean".into()),
        Type::Enum(enumeration) if !enumeration.column_type.is_empty() => {
            (value, enumeration.column_type.to_owned())
        }
        // The type of the column: an index does not serve a comparison with another one.
        Type::Instant | Type::Duration if matches!(key.term.kind, TermKind::Property(_)) => {
            (value, "bigint".into())
        }
        Type::Enum(_)
        | Type::Number
        | Type::Instant
        | Type::Date
        | Type::TimeOfDay
        | Type::Duration => (value, "numeric".into()),
    };
    let nullable = key.term.own_property().is_none_or(|property| property.nullable);
    KeyOfOrder { value, sql_type, descending: key.descending, nullable }
}

/// The key of the entity as a bare column, so that an index can serve the order.
fn of_key(key: &OrderKey, alias: &str) -> KeyOfOrder {
    let is_guid = match &key.term.kind {
        TermKind::Property(read) => read.entity_type.key == Key::Server,
        _ => false,
    };
    let sql_type = if is_guid { "uuid" } else { "text COLLATE \"C\"" };
    let (value, descending) = (format!("{alias}.id"), key.descending);
    KeyOfOrder { value, sql_type: sql_type.into(), descending, nullable: false }
}
