//! `docs/reference/api.md`: the paths that the model makes, each with the methods that the front desk knows
//! for it.

use std::collections::BTreeMap;

use runstate::model::{Binding, Navigation, NavigationKind, ROOT};
use runstate::route::Target;

use crate::document::{check_sections, code, table};

/// What stands for the entity sets that have the same paths below them.
const FAMILIES: &str = "{scripts}";

#[test]
fn the_routes_are_those_of_the_front_desk() {
    check_sections("docs/reference/api.md", &[("routes", routes())]);
}

fn routes() -> String {
    // The path below an entity set and its methods, with the sets that have both.
    let mut sets: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for set in ROOT.navigations {
        for path in paths("", set) {
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

/// The paths that a navigation makes behind a path, with `{id}` for each key.
fn paths(before: &str, navigation: &Navigation) -> Vec<String> {
    let own = format!("{before}{}", navigation.name);
    let actions = |of: &str, binding| -> Vec<String> {
        let actions = navigation.target.actions.iter().filter(|it| it.binding == binding);
        actions.map(|action| format!("{of}/{}", action.name)).collect()
    };
    let mut paths = vec![own.clone()];
    let mut entity = own.clone();
    if navigation.kind == NavigationKind::Contained {
        let count = methods(&format!("{own}/$count"));
        assert_eq!(count, "GET", "the document says that each collection has a count");
        paths.extend(actions(&own, Binding::Collection));
        entity = format!("{own}/{{id}}");
        paths.push(entity.clone());
    }
    for property in ["id", "id/$value"] {
        let methods = methods(&format!("{entity}/{property}"));
        assert_eq!(methods, "GET", "the document says that each property can be read alone");
    }
    paths.extend(actions(&entity, Binding::Entity));
    let below = navigation.target.navigations.iter();
    paths.extend(below.flat_map(|below| self::paths(&format!("{entity}/"), below)));
    paths
}

/// The methods of a path below the root, as the front desk lists them; HEAD goes with GET.
fn methods(path: &str) -> String {
    let target = Target::of(&format!("/beta/{}/{path}", ROOT.name));
    let methods = target.allow().unwrap_or_else(|error| panic!("{path}: {error}"));
    methods.replace(", HEAD", "")
}
