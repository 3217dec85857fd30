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
    format!(
        "SELECT string_agg(listed.entity, ',' ORDER BY listed.place) \
         FILTER (WHERE listed.place <= {size}) AS entities, \
         max(listed.position) FILTER (WHERE listed.place = {size}) AS position, \
         count(*) > {size} AS goes_on FROM (\
         SELECT {entity} AS entity, {position} AS position, \
         row_number() OVER (ORDER BY {order}) - {skip} AS place FROM {source}{after} \
         ORDER BY {order} LIMIT {limit} OFFSET {skip}) AS listed",
        size = page.size,
        position = keys.position(),
        order = keys.order(),
        limit = page.size + 1,
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
        let (last, others) =
            page.order.split_last().map_or((None, &[][..]), |(last, others)| (Some(last), others));
        let mut keys: Vec<KeyOfOrder> =
            others.iter().map(|key| of_term(writer, key, alias)).collect();
        keys.extend(last.map(|_| of_key(page, alias)));
        Self(keys)
    }

    /// The keys after `ORDER BY`.
    fn order(&self) -> String {
        let keys = self.0.iter().map(|key| match (key.descending, key.nullable) {
            (false, false) => key.value.clone(),
            (false, true) => format!("{} ASC NULLS FIRST", key.value),
            (true, _) => format!("{} DESC NULLS LAST", key.value),
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
    let pairs: Vec<_> = keys.0.iter().zip(after).collect();
    let mut condition = String::new();
    for (key, place) in pairs.into_iter().rev() {
        let value = &key.value;
        let cell = place.as_ref().map(|text| {
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
        condition = match condition.is_empty() {
            true => beyond,
            false => format!("({beyond} OR ({same} AND {condition}))"),
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
        Type::Enum(_)
        | Type::Number
        | Type::Instant
        | Type::Date
        | Type::TimeOfDay
        | Type::Duration => (value, "numeric".into()),
    };
    KeyOfOrder { value, sql_type, descending: key.descending, nullable: true }
}

/// The key of the entity as a bare column, so that an index can serve the order.
fn of_key(page: &Page, alias: &str) -> KeyOfOrder {
    let is_guid = page.order.last().is_some_and(|key| match &key.term.kind {
        TermKind::Property(read) => read.entity_type.key == Key::Server,
        _ => false,
    });
    let sql_type = if is_guid { "uuid" } else { "text COLLATE \"C\"" };
    let value = format!("{alias}.id");
    KeyOfOrder { value, sql_type: sql_type.into(), descending: false, nullable: false }
}
