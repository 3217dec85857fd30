//! Updates. Those that differ only in keys and values can share one statement.

use uuid::Uuid;

use super::repeated::Repeated;
use super::rows::{Reference, all_bound, ancestor_keys, reference_columns, reference_name};
use super::tags::{add_tags, matches};
use crate::headers::EntityTags;
use crate::plan::{Change, EntityAddress, Shape, Step};
use crate::sql::input::{Input, stored};
use crate::sql::json::{self, Place};
use crate::sql::path::{is_addressed, joined_and_locked};
use crate::sql::statement::{Statement, Writer};

/// An update of one entity.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The tenant.
    pub tenant: Uuid,
    /// The entity.
    pub entity: &'a EntityAddress,
    /// The changes.
    pub change: &'a Change,
    /// The entity must have one of these tags.
    pub if_match: Option<&'a EntityTags>,
}

impl Update<'_> {
    /// Whether two updates differ only in keys, values and tags.
    #[must_use]
    pub fn has_form_of(&self, other: &Self) -> bool {
        let has_tags = |it: &Self| matches!(it.if_match, Some(EntityTags::These(_)));
        let (change, other_change) = (self.change, other.change);
        let mut values = change.values.iter().zip(&other_change.values);
        let mut references = change.references.iter().zip(&other_change.references);
        self.entity.has_form_of(other.entity)
            && has_tags(self) == has_tags(other)
            && (change.values.len(), change.references.len())
                == (other_change.values.len(), other_change.references.len())
            && values.all(|((own, _), (other, _))| std::ptr::eq(*own, *other))
            && references.all(|((own, _), (other, _))| own == other)
    }
}

/// Updates entities in one statement. Any two [have one form](Update::has_form_of), and no two are of
/// the same entity. Its rows are those of [`Reading::Changed`](crate::sql::Reading), in any
/// order, each with the place of its update from 1 on. An update has no row if its entity does not
/// exist or has another tag.
///
/// The ancestors are locked against deletion, so that an update and a delete do not deadlock. The
/// entities are locked in the order of the updates, by a loop that looks each one up by its key:
/// a plan that was made while the tables were small stays good as they grow.
///
/// Of entities that clients report again and again, those that would stay the same are locked, and not
/// written.
#[must_use]
pub fn update_together(
    first: Update<'_>,
    others: &[Update<'_>],
    shape: &Shape,
    root: &str,
) -> Statement {
    let Update { entity: EntityAddress { ancestors, last }, change, .. } = first;
    let entity_type = first.entity.entity_type();
    let updates = [&[first], others].concat();
    let mut writer = Writer::default();
    let input = input(&updates).rows(&mut writer);
    let root = &writer.bind_text(root);
    let references: Vec<Reference> =
        change.references.iter().map(|(navigation, _)| *navigation).enumerate().collect();

    let set = change.values.iter().flat_map(|(property, _)| stored(property));
    let set: Vec<(String, String)> = set.chain(reference_columns(&references)).collect();
    let cells = set.iter().map(|(column, cell)| format!(", {cell} AS {column}"));
    let changes = match &set[..] {
        [] => "id = entity.id".into(), // an empty body changes nothing, and succeeds
        set => comma_separated(set, |(it, _)| format!("{it} = addressed.{it}")),
    };
    // The columns that find the entity again.
    let links = last.navigation.links.iter().map(|link| link.target);
    let key: Vec<&str> = links.filter(|it| *it != "id").chain(["id"]).collect();
    let repeated = match entity_type.reported {
        None => Repeated::never(comma_separated(&key, |it| format!("own.{it}"))),
        Some(day) => Repeated::new(&mut writer, first.entity, (day, &set), (shape, root)),
    };
    let (reference, bound) = reference_lookup(&references);
    let place = Place::of_rows(root, "addressed", ancestors, last.navigation);
    let Repeated { row, answer, differs, result } = repeated;
    let text = format!(
        "WITH addressed AS MATERIALIZED (SELECT input.tenant_id, input.ordinal, {bound} AS bound, \
         {ancestor_keys}{own_key}{cells}{answer} FROM {input}{ancestors}{reference} \
         JOIN LATERAL (SELECT {row} FROM {table} AS own WHERE {is_addressed}{matches} \
         FOR NO KEY UPDATE) AS entity ON true), \
         changed AS (UPDATE {table} AS entity SET {changes} FROM addressed \
         WHERE addressed.bound{differs} \
         AND entity.tenant_id = ANY(ARRAY[addressed.tenant_id]){is_locked} \
         RETURNING addressed.ordinal, {json} AS json, {tag} AS tag) \
         SELECT addressed.ordinal, addressed.bound, {result} \
         FROM addressed LEFT JOIN changed ON changed.ordinal = addressed.ordinal",
        ancestor_keys = ancestor_keys(ancestors),
        own_key = comma_separated(&key, |it| format!("entity.{it} AS own_{it}")),
        cells = cells.collect::<String>(),
        ancestors = joined_and_locked(ancestors, "FOR KEY SHARE"),
        table = entity_type.table,
        is_addressed = is_addressed(first.entity, "own"),
        matches = matches(entity_type, "own", first.if_match),
        is_locked = key.iter().map(|it| is_equal(it)).collect::<String>(),
        json = json::entity(&mut writer, shape, "entity", &place),
        tag = json::tag(entity_type, "entity"),
    );
    writer.statement(text)
}

/// The rows of input.
fn input(updates: &[Update<'_>]) -> Input {
    let paths: Vec<(Uuid, Vec<&Step>)> =
        updates.iter().map(|it| (it.tenant, it.entity.steps().collect())).collect();
    let mut input = Input::of_paths(&paths);
    let Some(first) = updates.first() else { return input };
    for (index, (property, _)) in first.change.values.iter().enumerate() {
        input.add_property(property, updates.iter().map(|it| &it.change.values[index].1));
    }
    for (index, (navigation, _)) in first.change.references.iter().enumerate() {
        let keys = updates.iter().map(|it| it.change.references[index].1.as_ref());
        input.add_keys(&reference_name(index), navigation.target, keys);
    }
    add_tags(&mut input, updates.iter().map(|it| it.if_match));
    input
}

/// The join that looks up and locks the referenced entities, and whether all of them exist. They are
/// locked before the entity, as a delete of them does.
fn reference_lookup(references: &[Reference]) -> (String, &'static str) {
    match references {
        [] => (String::new(), "true"),
        references => {
            let bound = all_bound(references);
            let lookup =
                format!(" CROSS JOIN LATERAL (SELECT {bound} AS bound OFFSET 0) AS reference");
            (lookup, "reference.bound")
        }
    }
}

/// ` AND …`: the condition that `entity` has the key of `addressed`. Not with `=`, which the planner might
/// answer by reading the whole table once.
fn is_equal(key: &str) -> String {
    format!(" AND entity.{key} = ANY(ARRAY[addressed.own_{key}])")
}

/// The texts of items with commas between them.
fn comma_separated<Item>(items: &[Item], text: impl Fn(&Item) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(", ")
}
