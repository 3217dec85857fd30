//! The relation `input`: what of a statement comes from a client, as columns of cells.

use uuid::Uuid;

use super::key_name;
use crate::model::{Edm, EntityType, Key, Property};
use crate::plan::{Address, Value};

/// One column of `input`: a cell a row, all of one type.
#[derive(Debug)]
pub enum Cells {
    /// `uuid`
    Guids(Vec<Option<Uuid>>),
    /// `text`
    Texts(Vec<Option<String>>),
    /// `boolean`
    Booleans(Vec<Option<bool>>),
    /// `integer`
    Integers(Vec<Option<i32>>),
    /// `bigint`
    Bigints(Vec<Option<i64>>),
    /// `smallint`
    Smallints(Vec<Option<i16>>),
    /// `bytea`
    Binaries(Vec<Option<Vec<u8>>>),
}

/// The columns of `input`, by name.
#[derive(Debug, Default)]
pub(super) struct Input {
    columns: Vec<(String, Cells)>,
}

impl Input {
    /// The tenant and the keys of paths that differ in nothing but these, a row each.
    pub(super) fn of_paths(rows: &[(Uuid, &Address)]) -> Self {
        let mut input = Self::default();
        let tenants = rows.iter().map(|(tenant, _)| Some(*tenant)).collect();
        input.columns.push(("tenant_id".into(), Cells::Guids(tenants)));
        let Some((_, form)) = rows.first() else { return input };
        for (index, step) in form.steps.iter().enumerate().filter(|(_, step)| step.key.is_some()) {
            let keys = rows.iter().map(|(_, address)| address.steps[index].key.as_ref());
            let cells = keys_of(step.navigation.target, keys);
            input.columns.push((key_name(index + 1), cells));
        }
        input
    }

    /// Adds the columns of a property, one value a row.
    pub(super) fn add_property<'a>(
        &mut self,
        entity_type: &EntityType,
        property: &Property,
        values: impl Iterator<Item = &'a Value> + Clone,
    ) {
        let name = property.column;
        match property.edm {
            Edm::DateTimeOffset => {
                let (ticks, offsets) = date_times(values);
                self.columns.push((name.into(), ticks));
                self.columns.push((offset_column(property), offsets));
            }
            _ if name == "id" => {
                self.columns.push((name.into(), keys_of(entity_type, values.map(Some))));
            }
            edm => self.columns.push((name.into(), cells(edm, values))),
        }
    }

    /// Adds a column of one key.
    pub(super) fn add_key(&mut self, name: &str, entity_type: &EntityType, key: &Value) {
        self.columns.push((name.into(), keys_of(entity_type, std::iter::once(Some(key)))));
    }

    /// `input` as one row of constants, which the planner sees through.
    pub(super) fn one(self) -> (String, Vec<Cells>) {
        let columns = self.columns.iter().enumerate().map(|(index, (name, cells))| {
            format!("(${}::{}[])[1] AS {name}", index + 1, cells.sql_type())
        });
        let columns: Vec<String> = columns.collect();
        let text = format!("(SELECT {}) AS input", columns.join(", "));
        (text, self.columns.into_iter().map(|(_, cells)| cells).collect())
    }

    /// `input` as many rows, numbered from 1 in `ordinal`.
    pub(super) fn rows(self) -> (String, Vec<Cells>) {
        let binds = self.columns.iter().enumerate();
        let binds =
            binds.map(|(index, (_, cells))| format!("${}::{}[]", index + 1, cells.sql_type()));
        let binds: Vec<String> = binds.collect();
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        let text = format!(
            "unnest({}) WITH ORDINALITY AS input ({}, ordinal)",
            binds.join(", "),
            names.join(", ")
        );
        (text, self.columns.into_iter().map(|(_, cells)| cells).collect())
    }
}

/// The second column of a date-time.
pub(super) fn offset_column(property: &Property) -> String {
    format!("{}_offset", property.column)
}

/// The columns of a property, and how `input`'s are cast to each.
pub(super) fn stored(property: &Property) -> Vec<(String, String)> {
    let name = property.column;
    let cell = format!("input.{name}");
    match property.edm {
        Edm::DateTimeOffset => {
            let offset = offset_column(property);
            let offset_cell = format!("input.{offset}");
            vec![(name.into(), cell), (offset, offset_cell)]
        }
        Edm::Strings => vec![(name.into(), format!("{cell}::text[]"))],
        Edm::Enum(enumeration) => {
            vec![(name.into(), format!("{cell}::{}", enumeration.column_type))]
        }
        Edm::String | Edm::Boolean | Edm::Int32 | Edm::Binary => vec![(name.into(), cell)],
    }
}

impl Cells {
    fn sql_type(&self) -> &'static str {
        match self {
            Self::Guids(_) => "uuid",
            Self::Texts(_) => "text",
            Self::Booleans(_) => "boolean",
            Self::Integers(_) => "integer",
            Self::Bigints(_) => "bigint",
            Self::Smallints(_) => "smallint",
            Self::Binaries(_) => "bytea",
        }
    }
}

fn keys_of<'a>(entity_type: &EntityType, keys: impl Iterator<Item = Option<&'a Value>>) -> Cells {
    match entity_type.key {
        Key::Server => Cells::Guids(
            keys.map(|key| if let Some(Value::Guid(guid)) = key { Some(*guid) } else { None })
                .collect(),
        ),
        Key::Client => Cells::Texts(keys.map(|key| key.and_then(text)).collect()),
    }
}

fn cells<'a>(edm: Edm, values: impl Iterator<Item = &'a Value>) -> Cells {
    match edm {
        Edm::Boolean => Cells::Booleans(
            values
                .map(|value| if let Value::Boolean(truth) = value { Some(*truth) } else { None })
                .collect(),
        ),
        Edm::Int32 => Cells::Integers(
            values
                .map(|value| if let Value::Int32(number) = value { Some(*number) } else { None })
                .collect(),
        ),
        Edm::Binary => Cells::Binaries(
            values
                .map(
                    |value| {
                        if let Value::Binary(bytes) = value { Some(bytes.clone()) } else { None }
                    },
                )
                .collect(),
        ),
        Edm::String | Edm::Strings | Edm::Enum(_) | Edm::DateTimeOffset => {
            Cells::Texts(values.map(text).collect())
        }
    }
}

fn date_times<'a>(values: impl Iterator<Item = &'a Value> + Clone) -> (Cells, Cells) {
    let instants = values.map(|value| match value {
        Value::DateTimeOffset(instant) => Some(*instant),
        _ => None,
    });
    let ticks = instants.clone().map(|instant| instant.map(|it| it.ticks)).collect();
    let offsets = instants.map(|instant| instant.map(|it| it.offset)).collect();
    (Cells::Bigints(ticks), Cells::Smallints(offsets))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Member(member) => Some((*member).into()),
        Value::Texts(texts) => Some(array_literal(texts)),
        _ => None,
    }
}

/// A `text[]` as PostgreSQL writes it, since arrays of unequal length cannot be unnested.
fn array_literal(texts: &[Option<String>]) -> String {
    let quoted = texts.iter().map(|text| match text {
        Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        None => "NULL".into(),
    });
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}
