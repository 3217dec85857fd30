//! `docs/reference/permissions.md`: the table of permissions in the model.

use runstate::model::permission::{Access, Profile};
use runstate::model::{ENTITY_TYPES, EntityType, ROOT};

use crate::document::{check_sections, code, codes, table};

#[test]
fn the_permissions_are_those_of_the_model() {
    let sections =
        [("profile seed", profile(Profile::Seed)), ("profile current", profile(Profile::Current))];
    check_sections("docs/reference/permissions.md", &sections);
}

/// What reading and writing need: one row for all entity types that need the same.
fn profile(profile: Profile) -> String {
    let mut rows: Vec<(Vec<&EntityType>, [String; 3])> = Vec::new();
    for entity_type in ENTITY_TYPES {
        let needed = [Access::List, Access::Get, Access::Write]
            .map(|access| codes_of(entity_type, profile, access));
        match rows.iter_mut().find(|(_, other)| *other == needed) {
            Some((types, _)) => types.push(entity_type),
            None => rows.push((vec![entity_type], needed)),
        }
    }
    let rows = rows.into_iter().map(|(types, needed)| {
        let all = types.len() == ENTITY_TYPES.len();
        let names = if all { "all".into() } else { codes(segments(&types)) };
        std::iter::once(names).chain(needed).collect()
    });
    table(&["entities", "to list or count", "to read one", "to write"], rows)
}

fn codes_of(entity_type: &EntityType, profile: Profile, access: Access) -> String {
    let accepted = entity_type.permissions.accepted(profile, access, false);
    accepted.iter().map(|name| code(name)).collect::<Vec<_>>().join("<br>")
}

/// The segments of paths that lead to entities of these types.
pub(crate) fn segments(types: &[&EntityType]) -> Vec<&'static str> {
    let of_types = ENTITY_TYPES.iter().flat_map(|entity_type| entity_type.navigations);
    let navigations = ROOT.navigations.iter().chain(of_types);
    let leading = navigations.filter(|it| types.iter().any(|one| std::ptr::eq(*one, it.target)));
    let mut names: Vec<&str> = Vec::new();
    for navigation in leading {
        if !names.contains(&navigation.name) {
            names.push(navigation.name);
        }
    }
    names
}
