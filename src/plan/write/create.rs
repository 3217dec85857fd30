//! New entities: a body × the collection it goes into → rows, those of contained navigations after
//! their parents. Keys are made here, so that a child knows its parent's before there is one.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Value;
use super::body::{self, Body};
use crate::error::{Error, Result};
use crate::model::{Derivation, EntityType, Key, Navigation, NavigationKind, Property, Source};
use crate::odata::{DateTimeOffset, Json};
use crate::plan::Address;
use crate::plan::address::is_id;

/// How many entities one body may create.
pub const MAX_ENTITIES: usize = 1000;

/// A new entity: a value for every property of its type.
#[derive(Clone, Debug)]
pub struct NewEntity {
    /// The collection that it becomes part of.
    pub address: Address,
    /// Whether the server has made its key, so that no entity can have it yet.
    pub is_key_new: bool,
    /// Its values, in the order of the type's properties.
    pub values: Vec<Value>,
    /// The keys of what it refers to, in the order of [`references`] of its type.
    pub references: Vec<Value>,
}

/// The navigations of a type that refer to an entity of another collection.
pub fn references(entity_type: &'static EntityType) -> impl Iterator<Item = &'static Navigation> {
    let navigations = entity_type.navigations.iter();
    navigations.filter(|navigation| navigation.kind == NavigationKind::Referenced)
}

/// The entity that a body describes, and those it contains.
pub(in crate::plan) fn new_entities(
    collection: &Address,
    json: Json,
    now: DateTime<Utc>,
) -> Result<Vec<NewEntity>> {
    let mut entities = Vec::new();
    add(collection, json, now, &mut entities)?;
    Ok(entities)
}

/// Adds the entity that a part of a body describes, and those it contains, to those of the rest.
pub(in crate::plan) fn add(
    collection: &Address,
    json: Json,
    now: DateTime<Utc>,
    entities: &mut Vec<NewEntity>,
) -> Result<()> {
    if entities.len() == MAX_ENTITIES {
        return Err(Error::ModelValidation(format!(
            "The body describes more than {MAX_ENTITIES} entities."
        )));
    }
    let body = body::read(collection.target(), json)?;
    let (new, contained) = new_entity(collection, body, now)?;
    let key = new.key().clone();
    entities.push(new);
    for (navigation, items) in contained {
        let below = collection.below(Some(&key), navigation);
        for (index, item) in items.into_iter().enumerate() {
            add(&below, item, now, entities)
                .map_err(|error| body::within(navigation.name, index, error))?;
        }
    }
    Ok(())
}

/// The time of something that the server sets now.
pub(in crate::plan) fn server_time(now: DateTime<Utc>) -> Value {
    Value::DateTimeOffset(DateTimeOffset::from(now))
}

impl NewEntity {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &Value {
        let properties = self.address.target().properties.iter();
        let id = properties.zip(&self.values).find(|(property, _)| property.name == "id");
        id.map_or(&Value::Null, |(_, value)| value)
    }
}

type Contained = Vec<(&'static Navigation, Vec<Json>)>;

fn new_entity(
    collection: &Address,
    body: Body,
    now: DateTime<Utc>,
) -> Result<(NewEntity, Contained)> {
    let entity_type = collection.target();
    let Body { mut values, references: mut bound, contained } = body;
    let Id { key, is_new: is_key_new } = id(collection, &values)?;
    let mut value = |property: &'static Property| {
        let given = values.iter().position(|(own, _)| std::ptr::eq(*own, property));
        let given = given.map(|index| values.swap_remove(index).1);
        match (property.source, property.name) {
            (Source::Created | Source::Modified, _) => server_time(now),
            (_, "id") => key.clone(),
            _ => given.unwrap_or_else(|| Value::absent(property)),
        }
    };
    let values = entity_type.properties.iter().map(&mut value).collect();
    let references = references(entity_type).map(|navigation| {
        let given = bound.iter().position(|(own, _)| std::ptr::eq(*own, navigation));
        given.map_or(Value::Null, |index| bound.swap_remove(index).1)
    });
    let references = references.collect();
    Ok((NewEntity { address: collection.clone(), is_key_new, values, references }, contained))
}

/// The key of a new entity.
struct Id {
    key: Value,
    is_new: bool,
}

fn id(collection: &Address, values: &[(&'static Property, Value)]) -> Result<Id> {
    let given = |name: &str| values.iter().find(|(it, _)| it.name == name).map(|(_, value)| value);
    match (collection.target().key, given("id")) {
        (Key::Server, _) => Ok(Id { key: Value::Guid(Uuid::now_v7()), is_new: true }),
        (Key::Client, Some(Value::Text(id))) if is_id(id) => {
            Ok(Id { key: Value::Text(id.clone()), is_new: false })
        }
        (Key::Client, None) => {
            Ok(Id { key: Value::Text(Uuid::now_v7().to_string()), is_new: true })
        }
        (Key::Client, Some(_)) => Err(Error::ModelValidation(
            "The property 'id' must have 1 to 255 characters, none of them '/' or a control \
             character."
                .into(),
        )),
        (Key::Derived(derivation), _) => {
            let steps = collection.steps.iter().rev();
            let parent = steps.skip(1).find_map(|step| step.key.as_ref()?.key_text());
            let half = derived(derivation, given(derivation.property));
            if half.is_none() && derivation.required {
                return Err(Error::ModelValidation(format!(
                    "The property '{}' must be given.",
                    derivation.property
                )));
            }
            let is_new = half.is_none();
            let half = half.unwrap_or_else(|| Uuid::now_v7().to_string());
            let id = format!("{}:{half}", parent.unwrap_or_default());
            if is_id(&id) {
                return Ok(Id { key: Value::Text(id), is_new });
            }
            Err(Error::ModelValidation(format!(
                "The property '{}' names a group of more than 200 characters, or with '/' or a \
                 control character in it.",
                derivation.property
            )))
        }
    }
}

/// The second half of a derived key.
fn derived(derivation: &Derivation, value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Text(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Complex(complex) => {
            let members = derivation.members.iter().filter_map(|name| complex.member(name));
            let named = members.filter_map(Value::key_text).find(|text| !text.is_empty());
            let of_type = derivation.of_types.iter().find(|(name, _)| *name == complex.of.name);
            named.or(of_type.map(|(_, half)| (*half).into()))
        }
        _ => None,
    }
}
