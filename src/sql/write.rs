//! Creates, updates and deletes.

use std::iter::once;

use uuid::Uuid;

use super::input::{Cells, Input, stored};
use super::json::{self, Place};
use super::{
    Statement, Writer, ancestors, is_addressed, is_chosen, is_of, joined, last_links, links, read,
    step_name,
};
use crate::headers::EntityTags;
use crate::model::{EntityType, Link, Navigation, Rows};
use crate::plan::{Address, Change, NewEntity, Plan, Shape, Step, Value, references};

/// Creates that differ in nothing but keys and values, no two of the same key, all in one statement.
/// Its rows, in any order: the place of a create (from 1), whether all that it refers to exists, and
/// the JSON and the tag of the entity, null if it exists already. A create whose parent does not
/// exist has no row. One that fails leaves the others alone.
///
/// The parents and what is referred to are locked against deletion until the transaction ends, so
/// that none of the rows can fail on a foreign key.
#[must_use]
pub fn create(new: &[(Uuid, &NewEntity)], shape: &Shape, root: &str) -> Option<Statement> {
    let NewEntity { address, is_key_new, .. } = new.first()?.1;
    let entity_type = address.target();
    let mut writer = Writer::default();
    let paths: Vec<(Uuid, &Address)> = new.iter().map(|(it, new)| (*it, &new.address)).collect();
    let mut input = Input::of_paths(&paths);
    for (index, property) in entity_type.properties.iter().enumerate() {
        input.add_property(entity_type, property, new.iter().map(|(_, it)| &it.values[index]));
    }
    // What none of them refers to is left out.
    let is_used =
        |index: usize| new.iter().any(|(_, it)| !matches!(it.references[index], Value::Null));
    let used: Vec<_> = references(entity_type).enumerate().filter(|(it, _)| is_used(*it)).collect();
    for (index, navigation) in &used {
        let keys = new.iter().map(|(_, it)| &it.references[*index]);
        input.add_keys(&reference_name(*index), navigation.target, keys);
    }
    let input = input.rows(&mut writer);

    let own = entity_type.properties.iter().flat_map(stored);
    let (columns, cells): (Vec<String>, Vec<String>) =
        own.chain(link_columns(address)).chain(reference_columns(&used)).unzip();
    let named = cells.iter().zip(&columns).map(|(cell, column)| format!("{cell} AS {column}"));
    let root = writer.bind_text(root);
    let path = new_place(address);
    let json = json::entity(&mut writer, shape, "entity", &Place { root, path });
    let (fixed_column, fixed_value) = match entity_type.rows {
        Rows::With { column, value } => (format!("{column}, "), format!("'{value}', ")),
        Rows::All | Rows::Having { .. } => Default::default(),
    };
    let text = format!(
        "WITH parent AS MATERIALIZED (SELECT input.tenant_id, input.ordinal, {bound} AS bound, \
         {ancestor_keys}{cells} FROM {input}{ancestors}), \
         created AS (INSERT INTO {table} (tenant_id, {fixed_column}{columns}) \
         SELECT tenant_id, {fixed_value}{columns} FROM parent WHERE bound{unless_there} RETURNING *) \
         SELECT parent.ordinal, parent.bound, CASE WHEN entity.id IS NOT NULL THEN {json} END, \
         CASE WHEN entity.id IS NOT NULL THEN {tag} END \
         FROM parent LEFT JOIN created AS entity \
         ON entity.tenant_id = parent.tenant_id{key_links} AND entity.id = parent.id",
        bound = all_bound(&used),
        ancestor_keys = ancestor_keys(address),
        cells = named.collect::<Vec<_>>().join(", "),
        columns = columns.join(", "),
        table = entity_type.table,
        ancestors = locked_ancestors(address),
        // To look for an entity that has the key costs as much as to write one.
        unless_there = if *is_key_new { "" } else { " ON CONFLICT DO NOTHING" },
        tag = json::tag(entity_type, "entity"),
        key_links = navigation_links(address)
            .map(|link| format!(" AND entity.{0} = parent.{0}", link.target))
            .collect::<String>(),
    );
    Some(writer.statement(text))
}

/// The JSON and the tag of the entity as it is afterwards; no row if it does not exist or has
/// another tag.
#[must_use]
pub fn update(tenant: Uuid, plan: &Plan, change: &Change) -> Statement {
    let address = &plan.address;
    let entity_type = address.target();
    let mut writer = Writer::default();
    let mut input = Input::of_path(tenant, address);
    for (property, value) in &change.values {
        input.add_property(entity_type, property, once(value));
    }
    for (index, (navigation, key)) in change.references.iter().enumerate() {
        input.add_keys(&reference_name(index), navigation.target, once(key));
    }
    let input = input.one(&mut writer);
    let columns = change.values.iter().flat_map(|(property, _)| stored(property));
    let bound = change.references.iter().enumerate().flat_map(|(index, (navigation, _))| {
        navigation.links.iter().map(move |link| (link.source.to_owned(), reference_cell(index)))
    });
    let mut changes: Vec<String> =
        columns.chain(bound).map(|(column, cell)| format!("{column} = {cell}")).collect();
    if changes.is_empty() {
        changes.push("id = entity.id".into()); // an empty body changes nothing, and succeeds
    }
    let place = read::place(&mut writer, plan);
    let json = json::entity(&mut writer, &plan.shape, "entity", &place);
    let matches = matches(&mut writer, address.target(), plan.if_match.as_ref());
    let text = format!(
        "UPDATE {} AS entity SET {} FROM {input}{} WHERE {}{matches} RETURNING {json}, {}",
        entity_type.table,
        changes.join(", "),
        ancestors(address),
        is_addressed(address),
        json::tag(entity_type, "entity"),
    );
    writer.statement(text)
}

/// One row for the entity that is gone; none if it did not exist or has another tag. What it
/// contains goes with it.
#[must_use]
pub fn delete(tenant: Uuid, plan: &Plan) -> Statement {
    let address = &plan.address;
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, address).one(&mut writer);
    let matches = matches(&mut writer, address.target(), plan.if_match.as_ref());
    let text = format!(
        "DELETE FROM {} AS entity USING {input}{} WHERE {}{matches} RETURNING true",
        address.target().table,
        ancestors(address),
        is_addressed(address)
    );
    writer.statement(text)
}

/// One row for the entity, which nobody else changes until the transaction ends; none if it does
/// not exist.
#[must_use]
pub fn lock(tenant: Uuid, address: &Address) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, address).one(&mut writer);
    let text = format!(
        "SELECT true FROM {input}{} JOIN {} AS entity ON {} FOR NO KEY UPDATE OF entity",
        ancestors(address),
        address.target().table,
        is_addressed(address)
    );
    writer.statement(text)
}

/// Removes everything in a collection.
#[must_use]
pub fn clear(tenant: Uuid, collection: &Address) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, collection).one(&mut writer);
    let text = format!(
        "DELETE FROM {} AS entity USING {input}{} WHERE {}",
        collection.target().table,
        joined(&collection.steps[..collection.steps.len() - 1]),
        last_links(collection, "entity")
    );
    writer.statement(text)
}

/// ` AND …` that the entity has one of the tags.
fn matches(writer: &mut Writer, entity_type: &EntityType, tags: Option<&EntityTags>) -> String {
    let Some(EntityTags::These(tags)) = tags else { return String::new() };
    let opaque = |tag: &String| tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned();
    let tags = writer.bind(Cells::Texts(tags.iter().map(|tag| Some(opaque(tag))).collect()));
    format!(" AND {} = ANY({tags})", json::digest(entity_type, "entity"))
}

/// A navigation that refers to an entity, and its place among those of its type.
type Reference = (usize, &'static Navigation);

fn reference_name(index: usize) -> String {
    format!("reference_{index}")
}

fn reference_cell(index: usize) -> String {
    format!("input.{}", reference_name(index))
}

fn navigation_links(address: &Address) -> impl Iterator<Item = &'static Link> {
    address.steps.iter().last().into_iter().flat_map(|step| step.navigation.links)
}

/// The columns that repeat those of the parent.
fn link_columns(address: &Address) -> impl Iterator<Item = (String, String)> {
    let parent = step_name(address.steps.len().saturating_sub(1));
    navigation_links(address)
        .map(move |link| (link.target.into(), format!("{parent}.{}", link.source)))
}

/// The columns that hold keys of what is referred to.
fn reference_columns(used: &[Reference]) -> impl Iterator<Item = (String, String)> {
    used.iter().flat_map(|(index, navigation)| {
        navigation.links.iter().map(|link| (link.source.into(), reference_cell(*index)))
    })
}

/// Whether all that a row refers to exists; it is locked on the way.
fn all_bound(used: &[Reference]) -> String {
    let bound = used.iter().map(|(index, navigation)| {
        let (cell, exists) = (reference_cell(*index), locked(navigation, *index));
        format!("CASE WHEN {cell} IS NULL THEN true ELSE {exists} END")
    });
    let bound: Vec<String> = bound.collect();
    if bound.is_empty() { "true".into() } else { bound.join(" AND ") }
}

fn locked(navigation: &Navigation, index: usize) -> String {
    format!(
        "coalesce((SELECT true FROM {} AS referred WHERE referred.tenant_id = input.tenant_id \
         AND referred.id = {}{} FOR KEY SHARE), false)",
        navigation.target.table,
        reference_cell(index),
        is_of(navigation.target, "referred")
    )
}

/// Joins the ancestors, each locked. One is looked up for each row of input by its key, whatever the
/// planner knows of the tables: a plan made while they were small stays right as they grow.
fn locked_ancestors(address: &Address) -> String {
    let join = |(index, step): (usize, &Step)| {
        let (place, table) = (index + 1, step.navigation.target.table);
        let links = links(step.navigation, &step_name(index), "own");
        let chosen = is_chosen(step, place, "own");
        format!(
            " JOIN LATERAL (SELECT * FROM {table} AS own WHERE {links}{chosen} FOR KEY SHARE) \
             AS {} ON true",
            step_name(place)
        )
    };
    let steps = &address.steps[..address.steps.len().saturating_sub(1)];
    steps.iter().enumerate().map(join).collect()
}

/// The keys of the ancestors, which the place of a new entity is made of.
fn ancestor_keys(address: &Address) -> String {
    let places = 1..address.steps.len();
    places.map(|place| format!("{}.id AS ancestor_{place}, ", step_name(place))).collect()
}

/// The way to a new entity: each row has its own.
fn new_place(address: &Address) -> String {
    let mut path = format!("'{}'", crate::model::DEVICE_MANAGEMENT.name);
    for (index, step) in address.steps.iter().enumerate() {
        path.push_str(&format!(" || '/{}'", step.navigation.name));
        match index + 1 < address.steps.len() {
            true => path.push_str(&format!(" || key_segment(parent.ancestor_{}::text)", index + 1)),
            false => path.push_str(" || key_segment(entity.id::text)"),
        }
    }
    path
}
