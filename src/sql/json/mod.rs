//! An entity as JSON, which the database assembles with the names and the order of the reply. Reads
//! and writes use the same expression.

mod expansion;
mod member;
mod property;
mod text;
mod value;

pub(super) use property::bytes as property_bytes;
pub(super) use value::value_text;

use serde_json::Value as Json;

use super::input::{columns, offset_column};
use super::statement::Writer;
use crate::model::{
    Binding, Edm, EntityType, NAMESPACE, Navigation, NavigationKind, Property, ROOT,
};
use crate::odata::MetadataLevel;
use crate::plan::{Plan, Shape, Step, annotation};
use text::Text;

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

    /// The location of the entity `entity` in each of many rows, whose steps differ only in keys.
    /// The columns `ancestor_1`, … of `rows` are the keys of the ancestors, and `root` is bound.
    pub(super) fn of_rows(
        root: &str,
        rows: &str,
        ancestors: &[Step],
        navigation: &Navigation,
    ) -> Self {
        let mut path = format!("'{}", ROOT.name);
        for (place, Step { navigation, key }) in (1..).zip(ancestors) {
            path.push_str(&format!("/{}", navigation.name));
            if key.is_some() {
                path.push_str(&format!("' || key_segment({rows}.ancestor_{place}::text) || '"));
            }
        }
        let collection = format!("{path}/{}'", navigation.name);
        let path = entity_path(navigation, &collection, "entity");
        Self { root: root.to_owned(), path }
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
        NavigationKind::Contained | NavigationKind::Versions(_) => {
            format!("{collection} || key_segment({alias}.id::text)")
        }
        NavigationKind::Attached => collection.to_owned(),
        NavigationKind::Referenced(Navigation { name, .. }) => {
            format!("'{}/{name}' || key_segment({alias}.id::text)", ROOT.name)
        }
    }
}

/// The JSON of the row `alias`, as text.
pub(super) fn entity(writer: &mut Writer, shape: &Shape, alias: &str, place: &Place) -> String {
    let mut text = Text::default();
    member::write(&mut text, shape, alias, place);
    if let Some(types) = annotation::types_of_properties(shape.level, &shape.properties) {
        text.literal("}");
        let object = annotated(&format!("{}::json", text.expression()), Some(&types));
        text = Text::default();
        text.value(format!("left({object}::text, -1)"));
    }
    for expansion in &shape.expansions {
        expansion::write(writer, &mut text, expansion, alias, place);
    }
    for link in links_of_entity(shape, place) {
        text.value(link);
    }
    text.literal("}");
    text.expression()
}

/// A JSON object with the annotations of its members' types.
pub(super) fn annotated(object: &str, types: Option<&Json>) -> String {
    types.map_or_else(|| object.to_owned(), |types| format!("annotated({object}, '{types}'::json)"))
}

/// The entity tag of the row `alias`.
pub(super) fn tag(entity_type: &EntityType, alias: &str) -> String {
    format!("'W/\"' || {} || '\"'", digest(entity_type, alias))
}

/// The opaque part of an entity tag: a digest of the entity's properties and of the keys that it
/// refers to. Other columns of the row do not count, for example the counters that triggers move.
pub(super) fn digest(entity_type: &EntityType, alias: &str) -> String {
    let properties = entity_type.properties.iter().flat_map(columns);
    let references = entity_type.navigations.iter().filter(|it| it.is_reference());
    let references = references.flat_map(|it| it.links).map(|link| link.source.to_owned());
    let columns = properties.chain(references).map(|column| format!("{alias}.{column}"));
    format!("md5(ROW({})::text)", columns.collect::<Vec<_>>().join(", "))
}

/// The links of the navigations that are not expanded, and of the actions, if the entity has any:
/// text expressions that follow its properties.
fn links_of_entity(shape: &Shape, place: &Place) -> Vec<String> {
    let expanded = |it: &Navigation| shape.expansions.iter().any(|own| own.navigation == it);
    let navigations = shape.surface.navigations(shape.entity_type).filter(|it| !expanded(it));
    let mut links: Vec<String> =
        navigations.filter_map(|it| links_of_navigation(shape.level, it.name, place)).collect();
    if annotation::shows_links(shape.level) {
        let actions = shape.entity_type.actions.iter();
        links.extend(actions.filter(|it| it.binding == Binding::Entity).map(|action| {
            let name = format!("{NAMESPACE}.{}", action.name);
            let target = json_url(place, &name);
            format!("',\"#{name}\":{{\"title\":\"{name}\",\"target\":' || {target} || '}}'")
        }));
    }
    links
}

/// The links of a navigation, if it has any: a text expression, which starts with a comma.
fn links_of_navigation(level: MetadataLevel, name: &str, place: &Place) -> Option<String> {
    let (association, navigation) =
        (json_url(place, &format!("{name}/$ref")), json_url(place, name));
    annotation::shows_links(level).then(|| {
        format!(
            "',\"{name}@odata.associationLink\":' || {association} || \
             ',\"{name}@odata.navigationLink\":' || {navigation}"
        )
    })
}

/// The absolute URL of a segment below the entity, as a JSON string.
fn json_url(place: &Place, segment: &str) -> String {
    let Place { root, path } = place;
    format!("to_json({root} || '/' || url_path({path}) || '/{segment}')::text")
}

fn value(property: &Property, alias: &str, level: MetadataLevel) -> String {
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
        Edm::Complex(complex) if annotation::is_type_removed(level, complex) => {
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
