//! The steps of an address as joins. Knows nothing of what is read or written at its end.

use crate::model::{EntityType, Link, Navigation, Rows};
use crate::plan::{CollectionAddress, EntityAddress, Step};

/// The name of a key in `input`, by the place of its step in the path.
pub(super) fn key_name(place: usize) -> String {
    format!("key_{place}")
}

/// The alias of an ancestor, by the place of its step in the path; `input` stands before all.
pub(super) fn step_name(place: usize) -> String {
    if place == 0 { "input".into() } else { format!("step_{place}") }
}

/// Joins steps from the root on.
pub(super) fn joined(steps: &[Step]) -> String {
    let join = |(index, step): (usize, &Step)| {
        let (place, table) = (index + 1, step.navigation.target.table);
        let own = step_name(place);
        let links = links(step.navigation, &step_name(index), &own);
        format!(" JOIN {table} AS {own} ON {links}{}", has_key(step, place, &own))
    };
    steps.iter().enumerate().map(join).collect()
}

/// Joins steps from the root on to many rows of `input`, and locks them, such as `FOR KEY SHARE`. For
/// each row a loop looks each step up by its key: a plan that was made while the tables were small
/// stays good as they grow.
pub(super) fn joined_and_locked(steps: &[Step], lock: &str) -> String {
    let join = |(index, step): (usize, &Step)| {
        let (place, table) = (index + 1, step.navigation.target.table);
        let links = links(step.navigation, &step_name(index), "own");
        let chosen = has_key(step, place, "own");
        format!(
            " JOIN LATERAL (SELECT * FROM {table} AS own WHERE {links}{chosen} {lock}) \
             AS {} ON true",
            step_name(place)
        )
    };
    steps.iter().enumerate().map(join).collect()
}

/// The condition that rows of `target` are the entities to which a navigation leads from `source`.
pub(super) fn links(navigation: &Navigation, source: &str, target: &str) -> String {
    linked(navigation.links, source, target) + &is_of(navigation.target, target)
}

/// ` AND …`: the condition that rows of `alias` are entities of a type; nothing if the table has no
/// others.
pub(super) fn is_of(entity_type: &EntityType, alias: &str) -> String {
    match entity_type.rows {
        Rows::All => String::new(),
        Rows::With { column, value } => format!(" AND {alias}.{column} = '{value}'"),
        Rows::Having { column } => format!(" AND {alias}.{column} IS NOT NULL"),
    }
}

/// The condition that `alias` is in the collection.
pub(super) fn in_collection(collection: &CollectionAddress, alias: &str) -> String {
    links(collection.navigation, &step_name(collection.ancestors.len()), alias)
}

/// The condition that `alias` is the addressed entity.
pub(super) fn is_addressed(address: &EntityAddress, alias: &str) -> String {
    let EntityAddress { ancestors, last } = address;
    let links = links(last.navigation, &step_name(ancestors.len()), alias);
    format!("{links}{}", has_key(last, ancestors.len() + 1, alias))
}

/// ` AND …`: the condition that `alias` has the key of a step, if the step has one.
pub(super) fn has_key(step: &Step, place: usize, alias: &str) -> String {
    match step.key {
        Some(_) => format!(" AND {alias}.id = input.{}", key_name(place)),
        None => String::new(),
    }
}

/// The condition that `target` repeats the linked columns of `source`, tenant included.
pub(super) fn linked(links: &[Link], source: &str, target: &str) -> String {
    let mut condition = format!("{target}.tenant_id = {source}.tenant_id");
    for link in links {
        condition.push_str(&format!(" AND {target}.{} = {source}.{}", link.target, link.source));
    }
    condition
}
