//! Deletes, and the lock of an entity whose collection is replaced.

use std::iter::once;

use uuid::Uuid;

use super::tags::{add_tags, matches};
use crate::headers::EntityTags;
use crate::plan::{CollectionAddress, EntityAddress};
use crate::sql::input::Input;
use crate::sql::path::{in_collection, is_addressed, joined, joined_and_locked};
use crate::sql::statement::{Statement, Writer};

/// One row if the entity was deleted, with everything that it contains; no row if it does not exist
/// or has another tag.
///
/// The ancestors are locked first, so that a delete and the creates and updates below the same
/// ancestors do not deadlock.
pub(in crate::sql) fn delete(
    tenant: Uuid,
    entity: &EntityAddress,
    if_match: Option<&EntityTags>,
) -> Statement {
    let mut writer = Writer::default();
    let mut input = Input::of_path(tenant, entity.steps());
    add_tags(&mut input, once(if_match));
    let input = input.one(&mut writer);
    let matches = matches(entity.entity_type(), "entity", if_match);
    let (with, if_locked) = match &entity.ancestors[..] {
        [] => Default::default(),
        ancestors => (
            format!(
                "WITH locked AS MATERIALIZED (SELECT true FROM {input}{}) ",
                joined_and_locked(ancestors, "FOR UPDATE")
            ),
            " AND (SELECT count(*) FROM locked) > 0",
        ),
    };
    let text = format!(
        "{with}DELETE FROM {} AS entity USING {input}{} WHERE {}{matches}{if_locked} \
         RETURNING true",
        entity.entity_type().table,
        joined(&entity.ancestors),
        is_addressed(entity, "entity")
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
        is_addressed(entity, "entity")
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
