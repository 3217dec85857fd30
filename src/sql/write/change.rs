//! Updates and deletes.

use std::iter::once;

use uuid::Uuid;

use super::{reference_cell, reference_name};
use crate::headers::EntityTags;
use crate::model::EntityType;
use crate::plan::{Change, CollectionAddress, EntityAddress, Plan};
use crate::sql::input::{Input, stored};
use crate::sql::path::{in_collection, is_addressed, joined};
use crate::sql::statement::{Cells, Statement, Writer};
use crate::sql::{json, read};

/// One row of [`Reading::Entity`](crate::sql::Reading) after the update; no row if the entity does
/// not exist or has another tag.
pub(in crate::sql) fn update(
    tenant: Uuid,
    plan: &Plan,
    entity: &EntityAddress,
    change: &Change,
    if_match: Option<&EntityTags>,
) -> Statement {
    let mut writer = Writer::default();
    let mut input = Input::of_path(tenant, entity.steps());
    for (property, value) in &change.values {
        input.add_property(property, once(value));
    }
    for (index, (navigation, key)) in change.references.iter().enumerate() {
        input.add_keys(&reference_name(index), navigation.target, once(key.as_ref()));
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
    let place = read::place_of_entity(&mut writer, plan, entity);
    let json = json::entity(&mut writer, plan.shape(), "entity", &place);
    let matches = matches(&mut writer, entity.entity_type(), if_match);
    let text = format!(
        "UPDATE {} AS entity SET {} FROM {input}{} WHERE {}{matches} RETURNING {json}, {}",
        entity.entity_type().table,
        changes.join(", "),
        joined(&entity.ancestors),
        is_addressed(entity),
        json::tag(entity.entity_type(), "entity"),
    );
    writer.statement(text)
}

/// One row if the entity was deleted, with everything that it contains; no row if it does not exist
/// or has another tag.
pub(in crate::sql) fn delete(
    tenant: Uuid,
    entity: &EntityAddress,
    if_match: Option<&EntityTags>,
) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, entity.steps()).one(&mut writer);
    let matches = matches(&mut writer, entity.entity_type(), if_match);
    let text = format!(
        "DELETE FROM {} AS entity USING {input}{} WHERE {}{matches} RETURNING true",
        entity.entity_type().table,
        joined(&entity.ancestors),
        is_addressed(entity)
    );
    writer.statement(text)
}

/// Locks the entity against other writes until the transaction ends. One row; none if it does not
/// exist.
pub(in crate::sql) fn lock(tenant: Uuid, entity: &EntityAddress) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, entity.steps()).one(&mut writer);
    let text = format!(
        "SELECT true FROM {input}{} JOIN {} AS entity ON {} FOR NO KEY UPDATE OF entity",
        joined(&entity.ancestors),
        entity.entity_type().table,
        is_addressed(entity)
    );
    writer.statement(text)
}

/// Deletes the entities of a collection.
pub(in crate::sql) fn clear(tenant: Uuid, collection: &CollectionAddress) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, &collection.ancestors).one(&mut writer);
    let text = format!(
        "DELETE FROM {} AS entity USING {input}{} WHERE {}",
        collection.entity_type().table,
        joined(&collection.ancestors),
        in_collection(collection, "entity")
    );
    writer.statement(text)
}

/// ` AND …`: the condition that the entity has one of the tags.
fn matches(writer: &mut Writer, entity_type: &EntityType, tags: Option<&EntityTags>) -> String {
    let Some(EntityTags::These(tags)) = tags else { return String::new() };
    let opaque = |tag: &String| tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned();
    let tags = writer.bind(Cells::Texts(tags.iter().map(|tag| Some(opaque(tag))).collect()));
    format!(" AND {} = ANY({tags})", json::digest(entity_type, "entity"))
}
