//! Creates, updates and deletes.

use uuid::Uuid;

use super::input::{Input, stored};
use super::{Statement, ancestors, is_addressed, json, step_name};
use crate::model::Property;
use crate::plan::{Address, Shape, Value};

/// One of the creates of a statement.
#[derive(Clone, Copy, Debug)]
pub struct NewEntity<'a> {
    /// The tenant it belongs to.
    pub tenant: Uuid,
    /// The collection it becomes part of.
    pub address: &'a Address,
    /// Its values, in the order of the type's properties.
    pub values: &'a [Value],
}

/// Creates that differ in nothing but keys and values, all in one statement. Its rows: the place of
/// a create (from 1), whether its parent exists, and the JSON of the entity, null if it exists
/// already. One that fails leaves the others alone.
///
/// The parents are locked against deletion until the transaction ends, so that none of the rows
/// can fail on its foreign key.
#[must_use]
pub fn create(new: &[NewEntity<'_>], shape: &Shape) -> Option<Statement> {
    let address = new.first()?.address;
    let entity_type = address.target();
    let paths: Vec<(Uuid, &Address)> = new.iter().map(|it| (it.tenant, it.address)).collect();
    let mut input = Input::of_paths(&paths);
    for (index, property) in entity_type.properties.iter().enumerate() {
        input.add_property(entity_type, property, new.iter().map(|it| &it.values[index]));
    }
    let (input, binds) = input.rows();

    let own = entity_type.properties.iter().flat_map(stored);
    let (columns, cells): (Vec<String>, Vec<String>) = own.chain(link_columns(address)).unzip();
    let ancestor_places = 1..address.steps.len();
    let locks: String =
        ancestor_places.map(|place| format!(" FOR KEY SHARE OF {}", step_name(place))).collect();
    let key_links: String = last_links(address)
        .map(|link| format!(" AND entity.{0} = parent.{0}", link.target))
        .collect();
    let text = format!(
        "WITH parent AS MATERIALIZED (\
         SELECT input.tenant_id, input.ordinal, {cells} FROM {input}{ancestors}{locks}), \
         created AS (INSERT INTO {table} (tenant_id, {columns}) \
         SELECT tenant_id, {columns} FROM parent ORDER BY ordinal \
         ON CONFLICT DO NOTHING RETURNING *) \
         SELECT parent.ordinal, CASE WHEN entity.id IS NOT NULL THEN {json} END \
         FROM parent LEFT JOIN created AS entity \
         ON entity.tenant_id = parent.tenant_id{key_links} AND entity.id = parent.id",
        cells = cells
            .iter()
            .zip(&columns)
            .map(|(cell, column)| format!("{cell} AS {column}"))
            .collect::<Vec<_>>()
            .join(", "),
        columns = columns.join(", "),
        table = entity_type.table,
        ancestors = ancestors(address),
        json = json::entity(shape, "entity"),
    );
    Some(Statement { text, binds })
}

/// The JSON of the entity as it is afterwards; no row if it does not exist.
#[must_use]
pub fn update(
    tenant: Uuid,
    address: &Address,
    values: &[(&'static Property, Value)],
    shape: &Shape,
) -> Statement {
    let entity_type = address.target();
    let mut input = Input::of_paths(&[(tenant, address)]);
    for (property, value) in values {
        input.add_property(entity_type, property, std::iter::once(value));
    }
    let (input, binds) = input.one();
    let assignments = values.iter().flat_map(|(property, _)| stored(property));
    let mut assignments: Vec<String> =
        assignments.map(|(column, cell)| format!("{column} = {cell}")).collect();
    if assignments.is_empty() {
        assignments.push("id = entity.id".into()); // an empty body changes nothing, and succeeds
    }
    let text = format!(
        "UPDATE {} AS entity SET {} FROM {input}{} WHERE {} RETURNING {}",
        entity_type.table,
        assignments.join(", "),
        ancestors(address),
        is_addressed(address),
        json::entity(shape, "entity")
    );
    Statement { text, binds }
}

/// One row for the entity that is gone; none if it did not exist. What it contains goes with it.
#[must_use]
pub fn delete(tenant: Uuid, address: &Address) -> Statement {
    let (input, binds) = Input::of_paths(&[(tenant, address)]).one();
    let text = format!(
        "DELETE FROM {} AS entity USING {input}{} WHERE {} RETURNING true",
        address.target().table,
        ancestors(address),
        is_addressed(address)
    );
    Statement { text, binds }
}

fn last_links(address: &Address) -> impl Iterator<Item = &'static crate::model::Link> {
    address.steps.iter().last().into_iter().flat_map(|step| step.navigation.links)
}

/// The columns that repeat those of the parent.
fn link_columns(address: &Address) -> impl Iterator<Item = (String, String)> {
    let parent = step_name(address.steps.len() - 1);
    last_links(address).map(move |link| (link.target.into(), format!("{parent}.{}", link.source)))
}
