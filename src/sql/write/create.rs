//! Creates. Those that differ only in keys and values can share one statement.

use uuid::Uuid;

use super::rows::{Reference, all_bound, ancestor_keys, reference_columns, reference_name};
use crate::model::{Rows, Source};
use crate::plan::{CollectionAddress, NewEntity, Shape, Step, references};
use crate::sql::input::{Input, stored};
use crate::sql::json::{self, Place};
use crate::sql::path::{joined_and_locked, step_name};
use crate::sql::statement::{Statement, Writer};

/// A create, and the tenant whose row it makes.
pub type Create<'a> = (Uuid, &'a NewEntity);

/// Creates one entity: a row of [`Reading::Created`](crate::sql::Reading), none if its parent does
/// not exist.
pub(in crate::sql) fn create(
    tenant: Uuid,
    new: &NewEntity,
    shape: &Shape,
    root: &str,
) -> Statement {
    create_together((tenant, new), &[], shape, root)
}

/// Creates entities that differ only in keys and values, no two of the same key, in one statement.
/// Its rows are those of [`Reading::Created`](crate::sql::Reading), in any order, each with the place
/// of its create from 1 on. A create whose parent does not exist has no row. One create that fails
/// leaves the others alone.
///
/// The parents and the referenced entities are locked against deletion until the transaction ends,
/// so none of the rows can violate a foreign key.
#[must_use]
pub fn create_together(
    first: Create<'_>,
    others: &[Create<'_>],
    shape: &Shape,
    root: &str,
) -> Statement {
    let NewEntity { collection, is_key_new, .. } = first.1;
    let entity_type = collection.entity_type();
    let creates: Vec<Create<'_>> = [&[first], others].concat();
    let mut writer = Writer::default();
    let (input, references) = input(collection, &creates);
    let input = input.rows(&mut writer);

    let key = entity_type.key_property().column;
    let own = first.1.values.iter().flat_map(|(property, _)| stored(property));
    let own = std::iter::once((key.into(), format!("input.{key}"))).chain(own);
    let (columns, cells): (Vec<String>, Vec<String>) =
        own.chain(link_columns(collection)).chain(reference_columns(&references)).unzip();
    let named = cells.iter().zip(&columns).map(|(cell, column)| format!("{cell} AS {column}"));
    let CollectionAddress { ancestors, navigation } = collection;
    let root = writer.bind_text(root);
    let place = Place::of_rows(&root, "parent", ancestors, navigation);
    let json = json::entity(&mut writer, shape, "entity", &place);
    let key_links = navigation.links.iter();
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
        bound = all_bound(&references),
        ancestor_keys = ancestor_keys(ancestors),
        cells = named.collect::<Vec<_>>().join(", "),
        columns = columns.join(", "),
        table = entity_type.table,
        ancestors = joined_and_locked(ancestors, "FOR KEY SHARE"),
        // Looking for an entity with the same key costs as much as writing one.
        unless_there = if *is_key_new { "" } else { " ON CONFLICT DO NOTHING" },
        tag = json::tag(entity_type, "entity"),
        key_links = key_links
            .map(|link| format!(" AND entity.{0} = parent.{0}", link.target))
            .collect::<String>(),
    );
    writer.statement(text)
}

/// The rows of input, and the references that at least one of the creates has.
fn input<'a>(collection: &CollectionAddress, creates: &[Create<'a>]) -> (Input, Vec<Reference>) {
    let entity_type = collection.entity_type();
    let path = |new: &'a NewEntity| new.collection.ancestors.iter().collect();
    let paths: Vec<(Uuid, Vec<&Step>)> =
        creates.iter().map(|(tenant, new)| (*tenant, path(new))).collect();
    let mut input = Input::of_paths(&paths);
    let key = entity_type.key_property().column;
    input.add_keys(key, entity_type, creates.iter().map(|(_, new)| Some(&new.key)));
    let properties = entity_type.properties.iter().filter(|it| it.source != Source::Key);
    for (index, property) in properties.enumerate() {
        input.add_property(property, creates.iter().map(|(_, new)| &new.values[index].1));
    }
    let is_used = |index: usize| creates.iter().any(|(_, new)| new.references[index].is_some());
    let used = references(entity_type).enumerate().filter(|(index, _)| is_used(*index));
    let used: Vec<Reference> = used.collect();
    for (index, navigation) in &used {
        let keys = creates.iter().map(|(_, new)| new.references[*index].as_ref());
        input.add_keys(&reference_name(*index), navigation.target, keys);
    }
    (input, used)
}

/// The columns that repeat those of the parent.
fn link_columns(collection: &CollectionAddress) -> impl Iterator<Item = (String, String)> {
    let parent = step_name(collection.ancestors.len());
    let links = collection.navigation.links.iter();
    links.map(move |link| (link.target.into(), format!("{parent}.{}", link.source)))
}
