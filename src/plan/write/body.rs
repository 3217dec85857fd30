//! The body of a write × the entity type → values of properties, references, and the entities of
//! contained navigations. Types are closed: a name that the type does not have is an error.
//! Annotations are ignored.

use std::borrow::Cow;

use super::Value;
use super::reference::referenced_key;
use crate::error::BodyReason;
use crate::model::{
    ENTITY_TYPES, EntityType, NAMESPACE, Navigation, NavigationKind, Property, ROOT, Source,
    Surface, without_alias,
};
use crate::odata::Json;
use crate::plan::EntityKey;

/// The values that a body gives, each once.
#[derive(Clone, Debug, Default)]
pub(in crate::plan) struct Values {
    /// Properties that a client may set.
    pub(in crate::plan) properties: Vec<(&'static Property, Value)>,
    /// Navigations to one entity of another collection, and its key; `None` for no entity.
    pub(in crate::plan) references: Vec<(&'static Navigation, Option<EntityKey>)>,
    /// Contained navigations, and the bodies of their entities.
    pub(in crate::plan) contained: Vec<(&'static Navigation, Vec<Json>)>,
}

/// What is read from a body, or what does not fit.
pub(super) type Read<T> = std::result::Result<T, BodyReason>;

impl Values {
    /// Takes the value of a property out, if the body gives it.
    pub(super) fn take(&mut self, property: &Property) -> Option<Value> {
        let place = self.properties.iter().position(|(own, _)| std::ptr::eq(*own, property))?;
        Some(self.properties.swap_remove(place).1)
    }

    /// Takes the key of a reference out, if the body gives it; `Some(None)` for no entity.
    pub(super) fn take_reference(&mut self, navigation: &Navigation) -> Option<Option<EntityKey>> {
        let place = self.references.iter().position(|(own, _)| *own == navigation)?;
        Some(self.references.swap_remove(place).1)
    }
}

/// Reads the JSON of an entity.
pub(in crate::plan) fn read(
    entity_type: &'static EntityType,
    json: Json,
    surface: Surface,
) -> Read<Values> {
    let Json::Object(members) = json else {
        let (entity_type, found) = (entity_type.name, json.kind());
        return Err(BodyReason::EntityNotObject { entity_type, found });
    };
    let mut body = Values::default();
    for (name, json) in members {
        match name.split_once('@') {
            Some(_) if is_type_annotation(&name) => check_type(entity_type, &json, surface)?,
            Some((target, annotation)) => {
                if ["odata.bind", "bind"].iter().any(|it| annotation.eq_ignore_ascii_case(it)) {
                    bind((entity_type, surface), target, &json, &mut body)?;
                }
            }
            None if name.starts_with('#') => {} // an action that a reply advertised
            None => member((entity_type, surface), &name, json, &mut body)?,
        }
    }
    Ok(body)
}

/// Names the item of an array that does not fit.
pub(super) fn within(collection: &'static str, index: usize, reason: BodyReason) -> BodyReason {
    BodyReason::Item { collection, index, reason: Box::new(reason) }
}

/// Whether a name is `@odata.type`, in any case; a client may omit `odata.`.
pub(super) fn is_type_annotation(name: &str) -> bool {
    ["@odata.type", "@type"].iter().any(|it| name.eq_ignore_ascii_case(it))
}

/// The qualified name in an `@odata.type`.
pub(super) fn type_name(json: &Json) -> Read<Cow<'_, str>> {
    match json {
        Json::String(written) => Ok(without_alias(written.strip_prefix('#').unwrap_or(written))),
        _ => Err(BodyReason::TypeNotString),
    }
}

/// A type, and the part of it that the server shows.
type Shown = (&'static EntityType, Surface);

fn member(shown: Shown, name: &str, json: Json, body: &mut Values) -> Read<()> {
    let (entity_type, surface) = shown;
    if let Some(property) = entity_type.property(name) {
        if body.properties.iter().any(|(other, _)| std::ptr::eq(*other, property)) {
            return Err(twice(name));
        }
        if !matches!(property.source, Source::Created | Source::Modified) {
            body.properties.push((property, Value::read(property, json)?));
        }
        return Ok(());
    }
    let navigation =
        surface.navigation(entity_type, name).ok_or_else(|| unknown(entity_type, name))?;
    match (navigation.kind, json) {
        (NavigationKind::Contained, Json::Array(items)) => {
            if body.contained.iter().any(|(other, _)| *other == navigation) {
                return Err(twice(name));
            }
            body.contained.push((navigation, items));
            Ok(())
        }
        (NavigationKind::Referenced(_), Json::Null) => bind(shown, name, &Json::Null, body),
        // A client may send back an entity as a reply showed it.
        (NavigationKind::Attached, Json::Null) => Ok(()),
        (NavigationKind::Contained, json) => {
            Err(BodyReason::NavigationNotArray { name: name.into(), found: json.kind() })
        }
        (NavigationKind::Attached, _) => Err(BodyReason::NavigationOnItsOwn { name: name.into() }),
        (NavigationKind::Versions(_), _) => {
            Err(BodyReason::NavigationReadOnly { name: name.into() })
        }
        (NavigationKind::Referenced(_), _) => {
            Err(BodyReason::NavigationByReference { name: name.into() })
        }
    }
}

fn bind(shown: Shown, name: &str, json: &Json, body: &mut Values) -> Read<()> {
    let (entity_type, surface) = shown;
    let (navigation, set) = match surface.navigation(entity_type, name).map(|it| (it, it.kind)) {
        Some((navigation, NavigationKind::Referenced(set))) => (navigation, set),
        None if entity_type.property(name).is_none() => return Err(unknown(entity_type, name)),
        _ => return Err(BodyReason::NotBindable { name: name.to_owned() }),
    };
    if body.references.iter().any(|(other, _)| *other == navigation) {
        return Err(twice(name));
    }
    let key = match json {
        Json::Null => None,
        Json::String(url) => {
            let key = referenced_key(url, navigation.target);
            Some(key.ok_or_else(|| no_such_entity(name, set, url))?)
        }
        other => {
            let (name, found) = (name.to_owned(), other.kind());
            return Err(BodyReason::ReferenceNotUrl { name, found });
        }
    };
    body.references.push((navigation, key));
    Ok(())
}

fn no_such_entity(name: &str, set: &Navigation, url: &str) -> BodyReason {
    BodyReason::ReferenceInvalid {
        name: name.to_owned(),
        entity_type: set.target.name,
        set: format!("{}/{}", ROOT.name, set.name),
        url: url.to_owned(),
    }
}

fn twice(name: &str) -> BodyReason {
    BodyReason::Repeated { name: name.to_owned() }
}

fn unknown(entity_type: &EntityType, name: &str) -> BodyReason {
    BodyReason::PropertyUnknown { name: name.to_owned(), of: entity_type.qualified_name() }
}

/// Accepts the type's own name, with or without `#`, in any case.
fn check_type(entity_type: &EntityType, json: &Json, surface: Surface) -> Read<()> {
    let name = type_name(json)?;
    let expected = entity_type.qualified_name();
    if name.eq_ignore_ascii_case(&expected) {
        return Ok(());
    }
    let found = name.to_string();
    let mut shown = ENTITY_TYPES.iter().filter(|it| surface.has_type(it));
    let is_known = shown.any(|it| name.eq_ignore_ascii_case(&it.qualified_name()));
    Err(match is_known {
        true => BodyReason::TypeMismatch { found, expected },
        false => BodyReason::TypeUnknown { found, namespace: NAMESPACE },
    })
}
