//! The OpenAPI document: every path that the model makes. Which operations a path has is decided
//! here; what goes in and out of them, `operations`, `parameters` and `schemas` say.

mod operations;
mod parameters;
mod policies;
mod schemas;

use serde_json::{Map, Value as Json, json};

use crate::endpoints::openapi;
use crate::model::permission::Profile;
use crate::model::{
    API_VERSION, Action, Binding, EntityType, Navigation, NavigationKind, ROOT, Surface,
};

/// The whole document. The profile decides which permissions it names.
pub(super) fn document(surface: Surface, profile: Profile) -> Json {
    let mut paths = Map::new();
    let json = "application/json";
    for (path, name, media_types) in [
        (format!("/{API_VERSION}"), "serviceDocument", &[json][..]),
        (format!("/{API_VERSION}/$metadata"), "metadata", &["application/xml", json]),
        ("/openapi.json".into(), "openapi", &[json]),
    ] {
        paths.insert(path, operations::description(name, media_types));
    }
    let root = Place {
        path: format!("/{API_VERSION}/{}", ROOT.name),
        name: ROOT.name.into(),
        keys: Vec::new(),
        surface,
        profile,
    };
    below(&root, ROOT.navigations.iter().copied(), &mut paths);
    let mut schemas = schemas::all(surface);
    if surface == Surface::Extended {
        policies::paths(surface, profile, &mut paths);
        policies::schemas(&mut schemas);
    }
    let components = [("schemas", schemas.into()), ("responses", operations::shared_replies())];
    let components = components.map(|(name, component)| (name.to_owned(), component));
    openapi::document(
        "Runstate",
        env!("CARGO_PKG_DESCRIPTION"),
        &paths,
        components.into_iter().collect(),
    )
}

/// Where a path has come to.
struct Place {
    path: String,
    /// The names of its segments, which the ids of its operations start with.
    name: String,
    /// The keys in it.
    keys: Vec<String>,
    /// The part of the API that is described.
    surface: Surface,
    profile: Profile,
}

impl Place {
    fn below(&self, segment: &str) -> Self {
        Self {
            path: format!("{}/{segment}", self.path),
            name: format!("{}.{segment}", self.name),
            keys: self.keys.clone(),
            surface: self.surface,
            profile: self.profile,
        }
    }

    fn keyed(&self, entity: &EntityType) -> Self {
        let key = format!("{}-id", entity.name);
        let mut keys = self.keys.clone();
        keys.push(key.clone());
        Self {
            path: format!("{}/{{{key}}}", self.path),
            name: format!("{}.entity", self.name),
            keys,
            surface: self.surface,
            profile: self.profile,
        }
    }
}

fn below(
    place: &Place,
    navigations: impl Iterator<Item = &'static Navigation>,
    paths: &mut Map<String, Json>,
) {
    for navigation in navigations {
        let target = navigation.target;
        let own = place.below(navigation.name);
        let item = match navigation.kind {
            NavigationKind::Contained if navigation.is_writable() => {
                let item = own.keyed(target);
                collection(&own, navigation, paths);
                let operations = [
                    ("get", operations::get(&item, target, false)),
                    ("patch", operations::update(&item, target)),
                    ("delete", operations::delete(&item, target)),
                ];
                insert(paths, &item, operations);
                actions(&item, target, Binding::Entity, paths);
                item
            }
            NavigationKind::Contained | NavigationKind::Versions(_) => {
                let item = own.keyed(target);
                collection(&own, navigation, paths);
                insert(paths, &item, [("get", operations::get(&item, target, false))]);
                item
            }
            NavigationKind::Attached => {
                let operations = [
                    ("get", operations::get(&own, target, false)),
                    ("patch", operations::update(&own, target)),
                ];
                insert(paths, &own, operations);
                own
            }
            NavigationKind::Referenced(_) => {
                insert(paths, &own, [("get", operations::get(&own, target, true))]);
                own
            }
        };
        properties(&item, target, paths);
        let navigations: Vec<_> = place.surface.navigations(target).collect();
        below(&item, navigations.into_iter(), paths);
    }
}

/// One path for all properties: their names are the values of a parameter.
fn properties(place: &Place, of: &EntityType, paths: &mut Map<String, Json>) {
    let (path, name) = (format!("{}/{{property}}", place.path), format!("{}.property", place.name));
    let property = Place { path, name, keys: place.keys.clone(), ..*place };
    insert(paths, &property, [("get", operations::property(&property, of))]);
    let value = property.below("$value");
    insert(paths, &value, [("get", operations::raw_value(&value, of))]);
}

fn collection(place: &Place, navigation: &Navigation, paths: &mut Map<String, Json>) {
    let target = navigation.target;
    let list = ("get", operations::list(place, navigation));
    match navigation.is_writable() {
        true => insert(paths, place, [list, ("post", operations::create(place, target))]),
        false => insert(paths, place, [list]),
    }
    let count = place.below("$count");
    insert(paths, &count, [("get", operations::count(&count, navigation))]);
    actions(place, target, Binding::Collection, paths);
}

fn actions(place: &Place, of: &EntityType, binding: Binding, paths: &mut Map<String, Json>) {
    let bound = |action: &&Action| action.binding == binding;
    for action in of.actions.iter().filter(bound) {
        let own = place.below(action.name);
        insert(paths, &own, [("post", operations::call(&own, of, action))]);
    }
}

fn insert<const N: usize>(
    paths: &mut Map<String, Json>,
    place: &Place,
    operations: [(&str, Json); N],
) {
    let operations = operations.into_iter().map(|(verb, operation)| (verb.to_owned(), operation));
    let mut item: Map<String, Json> = operations.collect();
    let keys = place.keys.iter().map(|key| {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
        json!({ "name": key, "in": "path", "required": true, "schema": schema })
    });
    item.insert("parameters".into(), keys.collect());
    paths.insert(place.path.clone(), Json::Object(item));
}
