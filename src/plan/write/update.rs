//! Updates: the body of a PATCH → the changes of an entity, or an upsert, which creates the entity if
//! it does not exist.

use super::Context;
use super::body::{self, Values};
use super::create::{entity_with_key, server_time};
use super::reference::Reference;
use crate::error::{BodyReason, Error, Result};
use crate::headers::{EntityTags, Wishes};
use crate::model::{EntityType, Source};
use crate::odata::Json;
use crate::plan::address::MAX_ID_LENGTH;
use crate::plan::{Act, Change, EntityAddress, EntityKey, references};

/// Whether a PATCH may create the entity: the client prefers it, and may choose the key.
pub(in crate::plan) fn may_create(entity: &EntityAddress, wishes: &Wishes) -> bool {
    wishes.preferences.create_if_missing && entity.is_keyed_by_client()
}

/// The update or upsert that a body describes. `If-Match` asks for an entity that exists, so it makes
/// an upsert an update.
pub(in crate::plan) fn update(
    entity: &EntityAddress,
    json: Json,
    wishes: &Wishes,
    context: Context<'_>,
) -> Result<Act> {
    let entity_type = entity.entity_type();
    let values = body::read(entity_type, json, context.surface)?;
    if let Some((navigation, _)) = values.contained.first() {
        return Err(BodyReason::NavigationInUpdate { name: navigation.name }.into());
    }
    let (entity, if_match) = (entity.clone(), wishes.if_match.clone());
    if if_match.is_some() || !may_create(&entity, wishes) {
        return Ok(Act::Update { entity, change: change(entity_type, values, context), if_match });
    }
    let Some(key @ EntityKey::Text(_)) = entity.last.key.clone() else {
        return Err(Error::from(BodyReason::Id { limit: MAX_ID_LENGTH }));
    };
    let new = entity_with_key(&entity.collection(), key, values.clone(), context);
    let change = match wishes.if_none_match {
        Some(EntityTags::Any) => None,
        _ => Some(change(entity_type, values, context)),
    };
    Ok(Act::Upsert { entity, change, new })
}

impl Change {
    /// The entity that it refers to, if it refers to exactly one.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        let given = self.references.iter().map(|(navigation, key)| (*navigation, key.as_ref()));
        Reference::only_one(given, &[])
    }
}

/// The properties that the body names, and the time of change.
fn change(entity_type: &'static EntityType, mut given: Values, context: Context<'_>) -> Change {
    let own = entity_type.properties.iter().filter_map(|property| match property.source {
        Source::Key | Source::Created => None,
        Source::Modified => Some((property, server_time(context))),
        Source::Client | Source::ClientOr(_) => Some((property, given.take(property)?)),
    });
    let values = own.collect();
    let own = references(entity_type);
    let references = own.filter_map(|it| Some((it, given.take_reference(it)?))).collect();
    Change { values, references }
}
