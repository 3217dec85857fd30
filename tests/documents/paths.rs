//! The paths that the model makes, each with the methods that the router knows for it. Knows no
//! document.

use runstate::model::{Binding, Navigation, ROOT, Surface};
use runstate::route::Target;

/// The paths of a navigation property and below it, with `{id}` for each key. `before` is the path
/// that leads to it, with a slash at its end, or empty for an entity set. Each collection also has
/// a `/$count`, which is not listed. Only what `surface` has is listed.
pub(crate) fn paths(before: &str, navigation: &Navigation, surface: Surface) -> Vec<String> {
    let own = format!("{before}{}", navigation.name);
    let actions = |of: &str, binding| -> Vec<String> {
        let actions = navigation.target.actions.iter().filter(|it| it.binding == binding);
        actions.map(|action| format!("{of}/{}", action.name)).collect()
    };
    let mut paths = vec![own.clone()];
    let mut entity = own.clone();
    if navigation.is_collection() {
        let count = methods(&format!("{own}/$count"));
        assert_eq!(count, "GET", "each collection must have a count");
        paths.extend(actions(&own, Binding::Collection));
        entity = format!("{own}/{{id}}");
        paths.push(entity.clone());
    }
    for property in ["id", "id/$value"] {
        let methods = methods(&format!("{entity}/{property}"));
        assert_eq!(methods, "GET", "each property must be readable alone");
    }
    paths.extend(actions(&entity, Binding::Entity));
    let below = surface.navigations(navigation.target);
    paths.extend(below.flat_map(|below| self::paths(&format!("{entity}/"), below, surface)));
    paths
}

/// The methods of a path below the root, as the router lists them. HEAD is left out, since it goes with
/// GET, and OPTIONS, which every path has.
pub(crate) fn methods(path: &str) -> String {
    let target = Target::of(&format!("/beta/{}/{path}", ROOT.name));
    let methods = target.allow().unwrap_or_else(|error| panic!("{path}: {error}"));
    methods.replace(", HEAD", "").replace(", OPTIONS", "")
}
