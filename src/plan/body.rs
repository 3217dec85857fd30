//! The body of a create or an update × the entity type → a value for each property it names.
//! Types are closed: what the type does not have is refused by name; annotations are passed over.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Value;
use super::address::is_id;
use crate::error::{Error, Result};
use crate::message::Request;
use crate::model::{ENTITY_TYPES, EntityType, Key, NAMESPACE, Property, Source};
use crate::odata::{self, DateTimeOffset, Json};

/// A value for every property of the type, in its order.
pub(super) fn new_entity(
    entity_type: &'static EntityType,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Vec<Value>> {
    let mut named = named_values(entity_type, request)?;
    let mut value = |property: &'static Property| {
        let given = named.iter().position(|(own, _)| std::ptr::eq(*own, property));
        let given = given.map(|index| named.swap_remove(index).1);
        match (property.source, property.name) {
            (Source::Created | Source::Modified, _) => Ok(server_time(now)),
            (_, "id") => id(entity_type, given),
            _ => Ok(given.unwrap_or_else(|| Value::absent(property))),
        }
    };
    entity_type.properties.iter().map(&mut value).collect()
}

/// The properties that an update changes: those that the body names, and the time of change.
pub(super) fn changes(
    entity_type: &'static EntityType,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Vec<(&'static Property, Value)>> {
    let named = named_values(entity_type, request)?;
    let changed = named.into_iter().filter(|(property, _)| property.name != "id");
    let of_server = entity_type.properties.iter().filter(|it| it.source == Source::Modified);
    Ok(changed.chain(of_server.map(|property| (property, server_time(now)))).collect())
}

/// The properties that the body names and a client may set, each once.
fn named_values(
    entity_type: &'static EntityType,
    request: &Request,
) -> Result<Vec<(&'static Property, Value)>> {
    odata::check_json_body(&request.headers)?;
    let Json::Object(members) = Json::parse(&request.body)? else {
        return Err(Error::ModelValidation(format!(
            "The request body must be an object: the JSON of a {}.",
            entity_type.name
        )));
    };
    let mut values: Vec<(&'static Property, Value)> = Vec::new();
    for (name, json) in members {
        if let Some((target, annotation)) = name.split_once('@') {
            if target.is_empty() && matches!(annotation, "odata.type" | "type") {
                check_type(entity_type, &json)?;
            }
            continue;
        }
        if name.starts_with('#') {
            continue; // an action that a reply at full metadata advertised
        }
        let property = property(entity_type, &name)?;
        if values.iter().any(|(other, _)| std::ptr::eq(*other, property)) {
            return Err(Error::ModelValidation(format!("The property '{name}' stands twice.")));
        }
        if !matches!(property.source, Source::Created | Source::Modified) {
            values.push((property, Value::from_json(property, json)?));
        }
    }
    Ok(values)
}

fn property(entity_type: &'static EntityType, name: &str) -> Result<&'static Property> {
    entity_type.property(name).ok_or_else(|| {
        let of_type = entity_type.qualified_name();
        Error::ModelValidation(match entity_type.navigation(name) {
            Some(_) => format!(
                "The navigation property '{name}' of type '{of_type}' cannot be written in this \
                 body. Create its entities with requests of their own."
            ),
            None => format!(
                "The property '{name}' does not exist on type '{of_type}'. \
                 Make sure to only use property names that are defined by the type."
            ),
        })
    })
}

/// Accepts the type's own name, with or without `#`, in any case.
fn check_type(entity_type: &EntityType, json: &Json) -> Result<()> {
    let Json::String(written) = json else {
        return Err(Error::ModelValidation("The annotation '@odata.type' is not a string.".into()));
    };
    let name = written.strip_prefix('#').unwrap_or(written);
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

fn id(entity_type: &EntityType, given: Option<Value>) -> Result<Value> {
    match (entity_type.key, given) {
        (Key::Server, _) => Ok(Value::Guid(Uuid::now_v7())),
        (Key::Client, Some(Value::Text(id))) if is_id(&id) => Ok(Value::Text(id)),
        (Key::Client, None) => Ok(Value::Text(Uuid::now_v7().to_string())),
        (Key::Client, Some(_)) => Err(Error::ModelValidation(
            "The property 'id' must have 1 to 255 characters, none of them '/' or a control \
             character."
                .into(),
        )),
    }
}

fn server_time(now: DateTime<Utc>) -> Value {
    Value::DateTimeOffset(DateTimeOffset::from(now))
}
