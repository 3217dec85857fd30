//! The body of a write × the entity type → what it names: values of properties, references, and the
//! entities of contained navigations. Types are closed: what the type does not have is refused by
//! name; annotations are passed over.

use super::Value;
use crate::error::{Error, Result};
use crate::headers;
use crate::message::Request;
use crate::model::{
    ENTITY_TYPES, EntityType, NAMESPACE, Navigation, NavigationKind, Property, Source,
};
use crate::odata::Json;
use crate::plan::address::referenced_key;

/// What a body names, each thing once.
#[derive(Debug, Default)]
pub(in crate::plan) struct Body {
    /// Properties that a client may set.
    pub(in crate::plan) values: Vec<(&'static Property, Value)>,
    /// Navigations to one entity of another collection, and its key; null for none.
    pub(in crate::plan) references: Vec<(&'static Navigation, Value)>,
    /// Contained navigations, and the bodies of their entities.
    pub(in crate::plan) contained: Vec<(&'static Navigation, Vec<Json>)>,
}

/// The object that a request's body is.
pub(in crate::plan) fn object(request: &Request) -> Result<Json> {
    headers::check_json_body(&request.headers)?;
    match Json::parse(&request.body)? {
        json @ Json::Object(_) => Ok(json),
        json => Err(Error::ModelValidation(format!(
            "The request body must be an object, not {}.",
            json.kind()
        ))),
    }
}

/// Reads the JSON of an entity.
pub(in crate::plan) fn read(entity_type: &'static EntityType, json: Json) -> Result<Body> {
    let Json::Object(members) = json else {
        return Err(Error::ModelValidation(format!(
            "A {} is an object, not {}.",
            entity_type.name,
            json.kind()
        )));
    };
    let mut body = Body::default();
    for (name, json) in members {
        match name.split_once('@') {
            Some(("", "odata.type" | "type")) => check_type(entity_type, &json)?,
            Some((target, "odata.bind" | "bind")) => bind(entity_type, target, &json, &mut body)?,
            Some(_) => {}
            None if name.starts_with('#') => {} // an action that a reply advertised
            None => member(entity_type, &name, json, &mut body)?,
        }
    }
    Ok(body)
}

/// Says of an error in which item of an array it was met.
pub(in crate::plan) fn within(name: &str, index: usize, error: Error) -> Error {
    match error {
        Error::ModelValidation(text) => {
            Error::ModelValidation(format!("In {name}[{index}]: {text}"))
        }
        other => other,
    }
}

/// The qualified name in an `@odata.type`.
pub(in crate::plan) fn type_name(json: &Json) -> std::result::Result<&str, String> {
    match json {
        Json::String(written) => Ok(written.strip_prefix('#').unwrap_or(written)),
        _ => Err("The annotation '@odata.type' is not a string.".into()),
    }
}

fn member(entity_type: &'static EntityType, name: &str, json: Json, body: &mut Body) -> Result<()> {
    if let Some(property) = entity_type.property(name) {
        if body.values.iter().any(|(other, _)| std::ptr::eq(*other, property)) {
            return Err(twice(name));
        }
        if !matches!(property.source, Source::Created | Source::Modified) {
            body.values.push((property, Value::from_json(property, json)?));
        }
        return Ok(());
    }
    let navigation = entity_type.navigation(name).ok_or_else(|| unknown(entity_type, name))?;
    match (navigation.kind, json) {
        (NavigationKind::Contained, Json::Array(items)) => {
            if body.contained.iter().any(|(other, _)| std::ptr::eq(*other, navigation)) {
                return Err(twice(name));
            }
            body.contained.push((navigation, items));
            Ok(())
        }
        (NavigationKind::Referenced, Json::Null) => bind(entity_type, name, &Json::Null, body),
        // What a reply shows beside an entity may come back with it.
        (NavigationKind::Attached, Json::Null) => Ok(()),
        (NavigationKind::Contained, json) => Err(Error::ModelValidation(format!(
            "The navigation property '{name}' is an array, not {}.",
            json.kind()
        ))),
        (NavigationKind::Attached, _) => Err(Error::ModelValidation(format!(
            "The navigation property '{name}' cannot be written in this body. Update it on its own \
             path."
        ))),
        (NavigationKind::Referenced, _) => Err(Error::ModelValidation(format!(
            "The navigation property '{name}' cannot be written in this body. Name an existing \
             entity with '{name}@odata.bind'."
        ))),
    }
}

fn bind(entity_type: &'static EntityType, name: &str, json: &Json, body: &mut Body) -> Result<()> {
    let navigation = entity_type
        .navigation(name)
        .filter(|navigation| navigation.kind == NavigationKind::Referenced)
        .ok_or_else(|| unknown(entity_type, name))?;
    if body.references.iter().any(|(other, _)| std::ptr::eq(*other, navigation)) {
        return Err(twice(name));
    }
    let key = match json {
        Json::Null => Value::Null,
        Json::String(url) => referenced_key(url, navigation.target)
            .ok()
            .flatten()
            .filter(|key| !matches!(key, Value::Null))
            .ok_or_else(|| no_such_entity(name, navigation, url))?,
        other => {
            return Err(Error::ModelValidation(format!(
                "'{name}@odata.bind' is a URL in a string, not {}.",
                other.kind()
            )));
        }
    };
    body.references.push((navigation, key));
    Ok(())
}

fn no_such_entity(name: &str, navigation: &Navigation, url: &str) -> Error {
    let url: String = url.chars().take(200).collect();
    Error::BadRequest(format!(
        "'{name}@odata.bind' names no {} of this service: '{url}'.",
        navigation.target.name
    ))
}

fn twice(name: &str) -> Error {
    Error::ModelValidation(format!("The property '{name}' stands twice."))
}

fn unknown(entity_type: &EntityType, name: &str) -> Error {
    Error::ModelValidation(format!(
        "The property '{name}' does not exist on type '{}'. \
         Make sure to only use property names that are defined by the type.",
        entity_type.qualified_name()
    ))
}

/// Accepts the type's own name, with or without `#`, in any case.
fn check_type(entity_type: &EntityType, json: &Json) -> Result<()> {
    let name = type_name(json).map_err(Error::ModelValidation)?;
    let expected = entity_type.qualified_name();
    if name.eq_ignore_ascii_case(&expected) {
        return Ok(());
    }
    let known = ENTITY_TYPES.iter().any(|it| name.eq_ignore_ascii_case(&it.qualified_name()));
    Err(Error::ModelValidation(if known {
        format!(
            "An entry with type '{name}' was found, but it is not assignable to the expected type \
             '{expected}'. The type specified in the entry must be equal to either the expected \
             type or a derived type. ('@odata.type')"
        )
    } else {
        format!(
            "A type named '{name}' could not be resolved by the model. When a model is available, \
             each type name must resolve to a valid type. ('@odata.type'; the namespace is \
             {NAMESPACE})"
        )
    }))
}
