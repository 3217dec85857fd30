//! The relation `input`: the values of a statement that come from a client, as columns of cells.

use std::collections::BTreeSet;
use std::iter::once;

use uuid::Uuid;

use super::json;
use super::path::key_name;
use super::statement::{Cells, Writer};
use crate::model::{Edm, EntityType, Key, Property};
use crate::plan::{EntityKey, Step, Value};

/// The columns of `input`, by name.
#[derive(Debug, Default)]
pub(super) struct Input {
    columns: Vec<(String, Cells)>,
}

impl Input {
    /// The tenant and the keys of a path.
    pub(super) fn of_path<'a>(tenant: Uuid, steps: impl IntoIterator<Item = &'a Step>) -> Self {
        let mut input = Self::default();
        input.columns.push(("tenant_id".into(), Cells::Guids(vec![Some(tenant)])));
        for (place, step) in (1..).zip(steps) {
            if let Some(key) = &step.key {
                input.add_keys(&key_name(place), step.navigation.target, once(Some(key)));
            }
        }
        input
    }

    /// The tenants and the keys of paths that differ only in these, a row each.
    pub(super) fn of_paths(rows: &[(Uuid, Vec<&Step>)]) -> Self {
        let mut input = Self::default();
        let tenants = rows.iter().map(|(tenant, _)| Some(*tenant)).collect();
        input.columns.push(("tenant_id".into(), Cells::Guids(tenants)));
        let Some((_, form)) = rows.first() else { return input };
        for (index, step) in form.iter().enumerate().filter(|(_, step)| step.key.is_some()) {
            let keys = rows.iter().map(|(_, steps)| steps[index].key.as_ref());
            input.add_keys(&key_name(index + 1), step.navigation.target, keys);
        }
        input
    }

    /// Adds the columns of a property, one value a row.
    pub(super) fn add_property<'a>(
        &mut self,
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
            edm => self.columns.push((name.into(), cells(edm, values))),
        }
    }

    /// Adds a column of keys of a type, one a row; `None` is null.
    pub(super) fn add_keys<'a>(
        &mut self,
        name: &str,
        entity_type: &EntityType,
        keys: impl Iterator<Item = Option<&'a EntityKey>>,
    ) {
        self.columns.push((name.into(), key_cells(entity_type, keys)));
    }

    /// Adds a column of lists of texts, one list a row.
    pub(super) fn add_text_lists(&mut self, name: &str, lists: impl Iterator<Item = Vec<String>>) {
        let literal = |list: Vec<String>| array_literal(list.iter().map(String::as_str));
        self.columns.push((name.into(), Cells::Texts(lists.map(|it| Some(literal(it))).collect())));
    }

    /// `input` as one row of constants, which the planner of the database can inline.
    pub(super) fn one(self, writer: &mut Writer) -> String {
        let columns = self.columns.into_iter();
        let columns = columns.map(|(name, cells)| format!("{} AS {name}", writer.bind_one(cells)));
        format!("(SELECT {}) AS input", columns.collect::<Vec<_>>().join(", "))
    }

    /// `input` as many rows, numbered from 1 in `ordinal`. Reading it first sets the session setting
    /// of the tenants for this transaction, so that row-level security shows these tenants and no
    /// others.
    pub(super) fn rows(self, writer: &mut Writer) -> String {
        let tenants = self.tenants();
        let columns = self.columns.into_iter();
        let (names, mut binds): (Vec<String>, Vec<String>) =
            columns.map(|(name, cells)| (name, writer.bind(cells))).unzip();
        if let Some(all) = binds.first_mut() {
            let named = writer.bind_text(&tenants);
            let set = format!("set_config('runstate.tenants', {named}, true)");
            *all = format!("CASE WHEN {set} IS NOT NULL THEN {all} END");
        }
        let (names, binds) = (names.join(", "), binds.join(", "));
        format!("unnest({binds}) WITH ORDINALITY AS input ({names}, ordinal)")
    }

    /// The tenants of the rows as an array of PostgreSQL: each once, since row-level security reads the
    /// array for each table.
    fn tenants(&self) -> String {
        let tenants = match self.columns.first() {
            Some((_, Cells::Guids(tenants))) => tenants.iter().flatten().collect(),
            _ => BTreeSet::new(),
        };
        let tenants: Vec<String> = tenants.into_iter().map(Uuid::to_string).collect();
        format!("{{{}}}", tenants.join(","))
    }
}

/// The second column of a date-time.
pub(super) fn offset_column(property: &Property) -> String {
    format!("{}_offset", property.column)
}

/// The columns of a property.
pub(super) fn columns(property: &Property) -> impl Iterator<Item = String> {
    let offset = matches!(property.edm, Edm::DateTimeOffset).then(|| offset_column(property));
    [property.column.to_owned()].into_iter().chain(offset)
}

/// The columns of a property, each with the expression that casts the cell of `input` to it.
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
        Edm::Enums(enumeration) => {
            vec![(name.into(), format!("{cell}::{}[]", enumeration.column_type))]
        }
        Edm::Complex(_) | Edm::Complexes(_) => vec![(name.into(), format!("{cell}::json"))],
        Edm::Enum(enumeration) => {
            vec![(name.into(), format!("{cell}::{}", enumeration.column_type))]
        }
        Edm::String
        | Edm::Boolean
        | Edm::Int32
        | Edm::Int64
        | Edm::Double
        | Edm::Duration
        | Edm::Binary => vec![(name.into(), cell)],
    }
}

fn key_cells<'a>(
    entity_type: &EntityType,
    keys: impl Iterator<Item = Option<&'a EntityKey>>,
) -> Cells {
    match entity_type.key {
        Key::Server => {
            let guid = |key: Option<&EntityKey>| match key? {
                EntityKey::Guid(guid) => Some(*guid),
                EntityKey::Text(_) | EntityKey::Impossible => None,
            };
            Cells::Guids(keys.map(guid).collect())
        }
        Key::Client | Key::Derived(_) | Key::Database => {
            Cells::Texts(keys.map(|key| key?.text()).collect())
        }
    }
}

/// The cells of values of one kind of [`Value`]; a value of another kind is null.
macro_rules! cells_of {
    ($cells:ident, $values:expr, $kind:ident($value:ident) => $cell:expr) => {
        Cells::$cells(
            $values
                .map(|value| if let Value::$kind($value) = value { Some($cell) } else { None })
                .collect(),
        )
    };
}

fn cells<'a>(edm: Edm, values: impl Iterator<Item = &'a Value>) -> Cells {
    match edm {
        Edm::Boolean => cells_of!(Booleans, values, Boolean(truth) => *truth),
        Edm::Int32 => cells_of!(Integers, values, Int32(number) => *number),
        Edm::Int64 => cells_of!(Bigints, values, Int64(number) => *number),
        Edm::Double => cells_of!(Doubles, values, Double(number) => *number),
        Edm::Duration => cells_of!(Bigints, values, Duration(length) => length.ticks),
        Edm::Binary => cells_of!(Binaries, values, Binary(bytes) => bytes.clone()),
        Edm::String
        | Edm::Strings
        | Edm::Enum(_)
        | Edm::Enums(_)
        | Edm::DateTimeOffset
        | Edm::Complex(_)
        | Edm::Complexes(_) => Cells::Texts(values.map(text).collect()),
    }
}

fn date_times<'a>(values: impl Iterator<Item = &'a Value> + Clone) -> (Cells, Cells) {
    let ticks = cells_of!(Bigints, values.clone(), DateTimeOffset(moment) => moment.ticks);
    (ticks, cells_of!(Smallints, values, DateTimeOffset(moment) => moment.offset))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Member(member) => Some((*member).into()),
        Value::Texts(texts) => Some(array_literal(texts.iter().map(String::as_str))),
        Value::Members(members) => Some(array_literal(members.iter().copied())),
        Value::Complex(_) | Value::Complexes(_) => Some(json::value_text(value)),
        _ => None,
    }
}

/// An array as PostgreSQL writes it, since arrays of unequal length cannot be unnested.
fn array_literal<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let quoted =
        texts.map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")));
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}
