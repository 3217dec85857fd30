//! New entities: a body × the collection it goes into → rows, those of contained navigations after
//! their parents. Keys are made here, so a child has the key of its parent before the parent exists.

use std::{iter, mem};

use uuid::Uuid;

use super::body::{self, Read, Values};
use super::reference::{Place, Reference};
use super::{Context, Value};
use crate::error::BodyReason;
use crate::model::{Derivation, EntityType, Key, Navigation, Property, Source};
use crate::odata::{DateTimeOffset, Json};
use crate::plan::address::{MAX_ID_LENGTH, is_id};
use crate::plan::{CollectionAddress, EntityAddress, EntityKey};

/// How many entities one body may create.
pub const MAX_ENTITIES: usize = 1000;

/// A new entity.
#[derive(Clone, Debug)]
pub struct NewEntity {
    /// The collection that it becomes part of.
    pub collection: CollectionAddress,
    /// Its key.
    pub key: EntityKey,
    /// Whether the server has made the key, so that no entity can have it yet.
    pub is_key_new: bool,
    /// A value for each property of the type but the key, in the order of the type.
    pub values: Vec<(&'static Property, Value)>,
    /// The keys of the entities that it refers to, in the order of [`references`] of its type.
    pub references: Vec<Option<EntityKey>>,
    /// Its place in the body; empty if it is the whole body.
    place: Place,
}

/// The navigations of a type that refer to an entity of another collection.
pub fn references(entity_type: &'static EntityType) -> impl Iterator<Item = &'static Navigation> {
    entity_type.navigations.iter().copied().filter(|navigation| navigation.is_reference())
}

/// The entity that a body describes, and the entities that it contains.
pub(in crate::plan) fn new_entities(
    collection: &CollectionAddress,
    json: Json,
    context: Context<'_>,
) -> Read<(NewEntity, Vec<NewEntity>)> {
    let mut contained = Vec::new();
    let entity = new_entity(collection, json, context, &mut contained, 0)?;
    Ok((entity, contained))
}

/// Adds the entity that an item of a parameter describes, and the entities that it contains.
pub(super) fn add(
    collection: &CollectionAddress,
    (parameter, index): (&'static str, usize),
    json: Json,
    context: Context<'_>,
    entities: &mut Vec<NewEntity>,
) -> Read<()> {
    let mut contained = Vec::new();
    let entity = new_entity(collection, json, context, &mut contained, entities.len())
        .map_err(|reason| body::within(parameter, index, reason))?;
    let new = iter::once(entity).chain(contained);
    entities.extend(new.map(|it| it.within(parameter, index)));
    Ok(())
}

/// The value of a property that the server sets now.
pub(in crate::plan) fn server_time(context: Context<'_>) -> Value {
    Value::DateTimeOffset(DateTimeOffset::from(context.now))
}

/// The entity with a key that another entity may have, and the values that a body gives.
pub(super) fn entity_with_key(
    collection: &CollectionAddress,
    key: EntityKey,
    mut given: Values,
    context: Context<'_>,
) -> NewEntity {
    let entity_type = collection.entity_type();
    let own = entity_type.properties.iter().filter(|it| it.source != Source::Key);
    let mut value = |property: &'static Property| match property.source {
        Source::Created | Source::Modified => server_time(context),
        _ => given.take(property).unwrap_or_else(|| Value::absent(property)),
    };
    let values = own.map(|property| (property, value(property))).collect();
    let references = references(entity_type).map(|it| given.take_reference(it).flatten());
    let references = references.collect();
    NewEntity {
        collection: collection.clone(),
        key,
        is_key_new: false,
        values,
        references,
        place: Place::new(),
    }
}

impl NewEntity {
    /// The address of the entity.
    #[must_use]
    pub fn address(&self) -> EntityAddress {
        self.collection.entity(self.key.clone())
    }

    /// The entity that it refers to, if it refers to exactly one.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        let keys = self.references.iter().map(Option::as_ref);
        Reference::only_one(references(self.collection.entity_type()).zip(keys), &self.place)
    }

    /// The same entity as an item of a collection in the body.
    fn within(mut self, collection: &'static str, index: usize) -> Self {
        self.place.insert(0, (collection, index));
        self
    }
}

/// Makes an entity, and puts those that it contains into `contained`; `others` entities of the same
/// body stand elsewhere.
fn new_entity(
    collection: &CollectionAddress,
    json: Json,
    context: Context<'_>,
    contained: &mut Vec<NewEntity>,
    others: usize,
) -> Read<NewEntity> {
    if others + contained.len() >= MAX_ENTITIES {
        return Err(BodyReason::TooManyEntities { limit: MAX_ENTITIES });
    }
    let entity_type = collection.entity_type();
    let mut given = body::read(entity_type, json, context.surface)?;
    let bodies = mem::take(&mut given.contained);
    let NewKey { key, is_new } = key(collection, &given.properties, context)?;
    let entity =
        NewEntity { is_key_new: is_new, ..entity_with_key(collection, key, given, context) };
    let address = entity.address();
    for (navigation, items) in bodies {
        let below = address.below(navigation);
        for (index, item) in items.into_iter().enumerate() {
            // The entity itself counts as well.
            let (mut own, others) = (Vec::new(), others + contained.len() + 1);
            let child = new_entity(&below, item, context, &mut own, others)
                .map_err(|reason| body::within(navigation.name, index, reason))?;
            let new = iter::once(child).chain(own);
            contained.extend(new.map(|it| it.within(navigation.name, index)));
        }
    }
    Ok(entity)
}

/// The key of a new entity.
struct NewKey {
    key: EntityKey,
    is_new: bool,
}

fn key(
    collection: &CollectionAddress,
    properties: &[(&'static Property, Value)],
    context: Context<'_>,
) -> Read<NewKey> {
    let id = properties.iter().find(|(it, _)| it.source == Source::Key).map(|(_, value)| value);
    match (collection.entity_type().key, id) {
        (Key::Server, Some(Value::Text(id))) if context.keeps_ids && is_guid(id) => {
            let key = Uuid::try_parse(id).map_or(EntityKey::Impossible, EntityKey::Guid);
            Ok(NewKey { key, is_new: false })
        }
        (Key::Server, _) => {
            Ok(NewKey { key: EntityKey::Guid(context.clock.new_id()), is_new: true })
        }
        (Key::Client, Some(Value::Text(id))) if is_id(id) => {
            Ok(NewKey { key: EntityKey::Text(id.clone()), is_new: false })
        }
        (Key::Client, None) => {
            Ok(NewKey { key: EntityKey::Text(context.clock.new_id().to_string()), is_new: true })
        }
        (Key::Client, Some(_)) => Err(BodyReason::Id { limit: MAX_ID_LENGTH }),
        (Key::Database, _) => {
            Err(BodyReason::NavigationReadOnly { name: collection.navigation.name.into() })
        }
        (Key::Derived(derivation), _) => derived_key(collection, derivation, properties, context),
    }
}

/// Whether a text is a GUID as the server writes it.
fn is_guid(text: &str) -> bool {
    Uuid::try_parse(text).is_ok_and(|id| id.to_string() == text)
}

/// The key `{parent}:{half}`, whose second half a property decides.
fn derived_key(
    collection: &CollectionAddress,
    derivation: &Derivation,
    properties: &[(&'static Property, Value)],
    context: Context<'_>,
) -> Read<NewKey> {
    let given = properties.iter().find(|(property, _)| property.name == derivation.property);
    let half = derived(derivation, given.map(|(_, value)| value));
    if half.is_none() && derivation.required {
        return Err(BodyReason::PropertyMissing { property: derivation.property });
    }
    let parent = collection.ancestors.iter().rev().find_map(|step| step.key.as_ref()?.text());
    let is_new = half.is_none();
    let half = half.unwrap_or_else(|| context.clock.new_id().to_string());
    let id = format!("{}:{half}", parent.unwrap_or_default());
    if is_id(&id) {
        return Ok(NewKey { key: EntityKey::Text(id), is_new });
    }
    Err(BodyReason::GroupName { property: derivation.property })
}

/// The second half of a derived key.
fn derived(derivation: &Derivation, value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Text(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Complex(complex) => {
            let members = derivation.members.iter().filter_map(|name| complex.member(name));
            let mut texts = members.filter_map(Value::text).filter(|text| !text.is_empty());
            let of_type = derivation.of_types.iter().find(|(name, _)| *name == complex.of.name);
            texts.next().map(str::to_owned).or(of_type.map(|(_, half)| (*half).into()))
        }
        _ => None,
    }
}
