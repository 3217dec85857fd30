//! `docs/reference/api.md`: the paths that the model makes with their methods, and how each entity type
//! gets its `id`.

use std::collections::BTreeMap;

use runstate::model::{ENTITY_TYPES, EntityType, Key, ROOT, Surface};

use crate::document::{check_sections, code, codes, table};
use crate::paths::{methods, paths};
use crate::permissions::segments;

/// What stands for the entity sets that have the same paths below them.
const FAMILIES: &str = "{scripts}";

#[test]
fn the_routes_and_keys_are_those_of_the_router_and_the_model() {
    check_sections("docs/reference/api.md", &[("routes", routes()), ("keys", keys())]);
}

fn routes() -> String {
    // The path below an entity set and its methods, with the sets that have both.
    let mut sets: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for set in ROOT.navigations {
        for path in paths("", set, Surface::Extended) {
            let below = path.strip_prefix(set.name).unwrap().to_owned();
            sets.entry((below, methods(&path))).or_default().push(set.name);
        }
    }
    let families: Vec<&str> = ROOT.navigations.iter().map(|set| set.name).collect();
    let families: Vec<&str> =
        families.into_iter().filter(|name| name.ends_with("Scripts")).collect();
    let mut rows: Vec<(bool, String, String)> = Vec::new();
    for ((below, methods), sets) in sets {
        let is_family = families.iter().all(|name| sets.contains(name));
        if is_family {
            rows.push((false, format!("{FAMILIES}{below}"), methods.clone()));
        }
        for set in sets.iter().filter(|name| !(is_family && families.contains(name))) {
            rows.push((true, format!("{set}{below}"), methods.clone()));
        }
    }
    rows.sort();
    let rows = rows.into_iter().map(|(_, path, methods)| vec![code(&path), methods]);
    table(&["path", "methods"], rows)
}

/// How entities get their `id`: one row for all entity types with the same kind of key.
fn keys() -> String {
    let mut rows: Vec<(Vec<&EntityType>, &str)> = Vec::new();
    for entity_type in ENTITY_TYPES {
        let text = match entity_type.key {
            Key::Server => "the server makes a UUID; an `id` in a body is ignored",
            Key::Client => {
                "the client may choose it: 1 to 255 characters, without `/` and control \
                 characters. Otherwise the server makes a UUID"
            }
            Key::Database => "the database makes it: the number of a version, the UUID of an event",
            Key::Derived(_) => "`{script}:{group}`; an `id` in a body is ignored",
        };
        match rows.iter_mut().find(|(_, other)| *other == text) {
            Some((types, _)) => types.push(entity_type),
            None => rows.push((vec![entity_type], text)),
        }
    }
    let rows = rows.into_iter().map(|(types, text)| vec![codes(segments(&types)), text.into()]);
    table(&["entities", "`id`"], rows)
}
