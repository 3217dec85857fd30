//! What creates and updates of many rows share: the references of each row, and the keys of its
//! ancestors. Knows no statement.

use crate::model::Navigation;
use crate::plan::Step;
use crate::sql::path::{is_of, step_name};

/// A navigation that refers to an entity, and its place among those of the rows.
pub(super) type Reference = (usize, &'static Navigation);

/// The column of `input` with the key of a reference, by its place.
pub(super) fn reference_name(index: usize) -> String {
    format!("reference_{index}")
}

/// The columns with the keys of referenced entities, each with its cell of `input`.
pub(super) fn reference_columns(
    references: &[Reference],
) -> impl Iterator<Item = (String, String)> {
    references.iter().flat_map(|(index, navigation)| {
        navigation.links.iter().map(|link| (link.source.into(), reference_cell(*index)))
    })
}

/// Whether all referenced entities of a row exist; they are locked.
pub(super) fn all_bound(references: &[Reference]) -> String {
    let bound = references.iter().map(|(index, navigation)| {
        let (cell, exists) = (reference_cell(*index), locked(navigation, *index));
        format!("CASE WHEN {cell} IS NULL THEN true ELSE {exists} END")
    });
    let bound: Vec<String> = bound.collect();
    if bound.is_empty() { "true".into() } else { bound.join(" AND ") }
}

/// The keys of the ancestors, which are part of an entity's place.
pub(super) fn ancestor_keys(steps: &[Step]) -> String {
    let places = 1..=steps.len();
    places.map(|place| format!("{}.id AS ancestor_{place}, ", step_name(place))).collect()
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

fn reference_cell(index: usize) -> String {
    format!("input.{}", reference_name(index))
}
