//! An entity as JSON, which the database assembles with the names and the order of the reply. Reads
//! and writes use the same expression.

mod expansion;
mod value;

pub(super) use value::value_text;

use super::input::{columns, offset_column};
use super::statement::Writer;
use crate::model::{
    Action, Binding, Edm, EntityType, NAMESPACE, Navigation, NavigationKind, Property, ROOT,
};
use crate::odata::MetadataLevel;
use crate::plan::{Plan, Shape};

/// The location of an entity, as SQL expressions.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The root of the service as the client sees it.
    pub(super) root: String,
    /// The path from the root to the entity.
    pub(super) path: String,
}

impl Place {
    /// The location of the entity `entity` in the collection of a navigation, whose canonical
    /// address is given.
    pub(super) fn of_entity(
        writer: &mut Writer,
        plan: &Plan,
        navigation: &Navigation,
        collection: &str,
    ) -> Self {
        let (root, collection) = (writer.bind_text(plan.root()), writer.bind_text(collection));
        Self { root, path: entity_path(navigation, &collection, "entity") }
    }

    /// The location of the entity `alias` to which a navigation of this entity leads.
    pub(super) fn below(&self, navigation: &Navigation, alias: &str) -> Self {
        let collection = format!("{} || '/{}'", self.path, navigation.name);
        let path = entity_path(navigation, &collection, alias);
        Self { root: self.root.clone(), path }
    }
}

/// The path to the entity `alias` in the collection of a navigation.
fn entity_path(navigation: &Navigation, collection: &str, alias: &str) -> String {
    match navigation.kind {
        NavigationKind::Contained => format!("{collection} || key_segment({alias}.id::text)"),
        NavigationKind::Attached => collection.to_owned(),
        NavigationKind::Referenced(Navigation { name, .. }) => {
            format!("'{}/{name}' || key_segment({alias}.id::text)", ROOT.name)
        }
    }
}

/// The JSON of the row `alias`, as text.
pub(super) fn entity(writer: &mut Writer, shape: &Shape, alias: &str, place: &Place) -> String {
    let mut shown = annotations(shape, alias, place);
    for property in &shape.properties {
        let hidden = property.by_key_only && !shape.by_key;
        let value = if hidden { "NULL".into() } else { value(property, alias, shape.level) };
        let annotated = type_annotation(property).filter(|_| shape.level == MetadataLevel::Full);
        if let Some(name) = annotated {
            shown.push(format!("'{name}' AS \"{}@odata.type\"", property.name));
        }
        shown.push(format!("{value} AS \"{}\"", property.name));
    }
    if shape.level == MetadataLevel::Full {
        shown.extend(links(shape.entity_type, place));
    }
    let own = format!("SELECT {}", shown.join(", "));
    if shape.expansions.is_empty() {
        return format!("(SELECT row_to_json(shown)::text FROM ({own}) AS shown)");
    }
    let expansions: Vec<String> =
        shape.expansions.iter().map(|it| expansion::write(writer, it, alias, place)).collect();
    format!(
        "(SELECT left(row_to_json(shown)::text, -1) || {} || '}}' FROM ({own}) AS shown)",
        expansions.join(" || ")
    )
}

/// The entity tag of the row `alias`.
pub(super) fn tag(entity_type: &EntityType, alias: &str) -> String {
    format!("'W/\"' || {} || '\"'", digest(entity_type, alias))
}

/// The opaque part of an entity tag: a digest of the entity's properties and of the keys that it refers
/// to. Other columns of the row do not count, for example the counters that triggers move.
pub(super) fn digest(entity_type: &EntityType, alias: &str) -> String {
    let properties = entity_type.properties.iter().flat_map(columns);
    let references = entity_type.navigations.iter().filter(|it| it.is_reference());
    let references = references.flat_map(|it| it.links).map(|link| link.source.to_owned());
    let columns = properties.chain(references).map(|column| format!("{alias}.{column}"));
    format!("md5(ROW({})::text)", columns.collect::<Vec<_>>().join(", "))
}

fn annotations(shape: &Shape, alias: &str, place: &Place) -> Vec<String> {
    let mut shown = Vec::new();
    if shape.level != MetadataLevel::None {
        let name = shape.entity_type.qualified_name();
        shown.push(format!("'#{name}' AS \"@odata.type\""));
    }
    if shape.level == MetadataLevel::Full {
        shown.push(format!("url_path({}) AS \"@odata.id\"", place.path));
        shown.push(format!("{} AS \"@odata.etag\"", tag(shape.entity_type, alias)));
        shown.push(format!("url_path({}) AS \"@odata.editLink\"", place.path));
    }
    shown
}

/// The type annotation of a property, if its JSON does not show the type.
fn type_annotation(property: &Property) -> Option<String> {
    let name = property.edm.name();
    match property.edm {
        Edm::String | Edm::Boolean | Edm::Double => None,
        Edm::Strings => Some("#Collection(String)".into()),
        _ => Some(format!("#{}", name.strip_prefix("Edm.").unwrap_or(&name))),
    }
}

/// The links of the navigations and of the actions.
fn links(entity_type: &EntityType, place: &Place) -> Vec<String> {
    let path = format!("url_path({})", place.path);
    let mut links = Vec::new();
    for Navigation { name, .. } in entity_type.navigations {
        links.push(format!("{path} || '/{name}/$ref' AS \"{name}@odata.associationLink\""));
        links.push(format!("{path} || '/{name}' AS \"{name}@odata.navigationLink\""));
    }
    let bound = |it: &&Action| it.binding == Binding::Entity;
    for action in entity_type.actions.iter().filter(bound) {
        let name = format!("{NAMESPACE}.{}", action.name);
        let target = format!("{} || '/' || {path} || '/{name}'", place.root);
        links.push(format!(
            "json_build_object('title', '{name}', 'target', {target}) AS \"#{name}\""
        ));
    }
    links
}

/// The value of a property of the row `alias`, of a type of which the database makes JSON.
pub(super) fn value(property: &Property, alias: &str, level: MetadataLevel) -> String {
    let column = format!("{alias}.{}", property.column);
    match property.edm {
        Edm::String
        | Edm::Boolean
        | Edm::Int32
        | Edm::Int64
        | Edm::Double
        | Edm::Strings
        | Edm::Enum(_)
        | Edm::Enums(_) => column,
        // Without metadata, even a polymorphic value has no type annotation.
        Edm::Complex(complex) if level == MetadataLevel::None && !complex.derived.is_empty() => {
            format!("without_type({column})")
        }
        Edm::Complex(_) | Edm::Complexes(_) => column,
        Edm::Binary => format!("base64({column})"),
        Edm::Duration => format!("duration({column})"),
        Edm::DateTimeOffset => {
            format!("date_time_offset({column}, {alias}.{})", offset_column(property))
        }
    }
}
