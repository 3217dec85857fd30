//! The segments of a path × the model → the resource that they name, and the operation that a
//! request asks of it. Knows no verb of HTTP.

use super::address::{CollectionAddress, EntityAddress, EntityKey, Step};
use crate::error::{Error, Result, UrlReason};
use crate::model::permission::Access;
use crate::model::{
    Action, Binding, Edm, EntityType, Key, Navigation, Property, ROOT, name_in_cast,
};
use crate::odata::Segment;

/// A resource of the API.
#[derive(Clone, Debug)]
pub enum Resource {
    /// A collection.
    Collection(CollectionAddress),
    /// The number of entities in a collection.
    Count(CollectionAddress),
    /// An entity.
    Entity(EntityAddress),
    /// A property of an entity.
    Property(EntityAddress, &'static Property),
    /// The raw value of a primitive property of an entity, or the number of items of a collection.
    RawValue(EntityAddress, &'static Property),
    /// An action bound to a collection.
    CollectionAction(CollectionAddress, &'static Action),
    /// An action bound to an entity.
    EntityAction(EntityAddress, &'static Action),
}

/// An operation, and the resource that it is asked of.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Read a page of a collection.
    List(CollectionAddress),
    /// Count a collection.
    Count(CollectionAddress),
    /// Create an entity in a collection.
    Create(CollectionAddress),
    /// Read an entity.
    Get(EntityAddress),
    /// Read a property of an entity.
    GetProperty(EntityAddress, &'static Property),
    /// Read the raw value of a primitive property of an entity, or count the items of a collection.
    GetRawValue(EntityAddress, &'static Property),
    /// Change an entity.
    Update(EntityAddress),
    /// Delete an entity.
    Delete(EntityAddress),
    /// Call an action bound to a collection.
    CallOnCollection(CollectionAddress, &'static Action),
    /// Call an action bound to an entity.
    CallOnEntity(EntityAddress, &'static Action),
}

impl Resource {
    /// Finds the resource that the segments below the root of the service name.
    ///
    /// # Errors
    /// [`Error::SegmentUnknown`] for a name that the model does not have, [`Error::Url`] for a
    /// path that no resource has.
    pub fn find(segments: &[Segment]) -> Result<Self> {
        let (singleton, segments) = segments.split_first().ok_or_else(no_route)?;
        if !singleton.text.eq_ignore_ascii_case(ROOT.name) {
            return Err(Error::SegmentUnknown(singleton.text.clone()));
        }
        let (first, rest) = segments.split_first().ok_or_else(no_route)?;
        let (name, key) = first.name_and_key()?;
        let set = ROOT.navigation(name);
        let set = set.ok_or_else(|| Error::SegmentUnknown(name.into()))?;
        follow(Vec::new(), set, first, key, rest)
    }

    /// The navigations of the path.
    pub fn navigations(&self) -> impl Iterator<Item = &'static Navigation> {
        let (ancestors, last) = match self {
            Self::Collection(it) | Self::Count(it) | Self::CollectionAction(it, _) => {
                (&it.ancestors, it.navigation)
            }
            Self::Entity(it)
            | Self::Property(it, _)
            | Self::RawValue(it, _)
            | Self::EntityAction(it, _) => (&it.ancestors, it.last.navigation),
        };
        ancestors.iter().map(|step| step.navigation).chain([last])
    }
}

impl Operation {
    /// The type of the entities that the operation is about.
    #[must_use]
    pub fn entity_type(&self) -> &'static EntityType {
        match self {
            Self::List(collection)
            | Self::Count(collection)
            | Self::Create(collection)
            | Self::CallOnCollection(collection, _) => collection.entity_type(),
            Self::Get(entity)
            | Self::GetProperty(entity, _)
            | Self::GetRawValue(entity, _)
            | Self::Update(entity)
            | Self::Delete(entity)
            | Self::CallOnEntity(entity, _) => entity.entity_type(),
        }
    }

    /// The kind of permission that the operation needs, on [`Operation::entity_type`].
    #[must_use]
    pub fn access(&self) -> Access {
        match self {
            Self::List(_) | Self::Count(_) => Access::List,
            Self::Get(_) | Self::GetProperty(..) | Self::GetRawValue(..) => Access::Get,
            Self::Create(_) | Self::Update(_) | Self::Delete(_) => Access::Write,
            Self::CallOnCollection(_, action) | Self::CallOnEntity(_, action) => {
                if action.writes() { Access::Write } else { Access::List }
            }
        }
    }

    /// Whether the operation changes nothing.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.access() != Access::Write
    }

    /// Whether the request has a body that is read.
    #[must_use]
    pub fn has_body(&self) -> bool {
        match self {
            Self::Create(_)
            | Self::Update(_)
            | Self::CallOnCollection(..)
            | Self::CallOnEntity(..) => true,
            Self::List(_)
            | Self::Count(_)
            | Self::Get(_)
            | Self::GetProperty(..)
            | Self::GetRawValue(..)
            | Self::Delete(_) => false,
        }
    }
}

fn no_route() -> Error {
    UrlReason::NoRoute.into()
}

/// Follows a navigation, whose segment is `segment`, and after it the rest of the path.
fn follow(
    ancestors: Vec<Step>,
    navigation: &'static Navigation,
    segment: &Segment,
    key: Option<String>,
    rest: &[Segment],
) -> Result<Resource> {
    if !navigation.is_collection() {
        if key.is_some() {
            return Err(Error::SegmentUnknown(segment.text.clone()));
        }
        return below(EntityAddress { ancestors, last: Step { navigation, key: None } }, rest);
    }
    let collection = CollectionAddress { ancestors, navigation };
    let (key, rest) = match key {
        Some(key) => (Some(key), rest),
        None => after_cast(collection.entity_type(), rest)?,
    };
    let (key, rest) = match (key, rest) {
        (Some(key), rest) => (key, rest),
        (None, []) => return Ok(Resource::Collection(collection)),
        (None, [last]) if last.text.eq_ignore_ascii_case("$count") => {
            return Ok(Resource::Count(collection));
        }
        (None, [next, rest @ ..]) => {
            let action = collection.entity_type().action(&next.text, Binding::Collection);
            if let Some(action) = action.filter(|_| rest.is_empty()) {
                return Ok(Resource::CollectionAction(collection, action));
            }
            // No key that the server makes looks like a call, such as `delta()`.
            if collection.entity_type().key == Key::Server && next.text.ends_with(')') {
                return Err(Error::SegmentUnknown(next.text.clone()));
            }
            (next.text.clone(), rest)
        }
    };
    let key = EntityKey::parse(collection.entity_type(), key);
    below(collection.entity(key), rest)
}

/// The key and the segments after a type cast to the type of a resource, if they begin with one. Every
/// other text can be a key.
fn after_cast<'a>(
    entity_type: &EntityType,
    segments: &'a [Segment],
) -> Result<(Option<String>, &'a [Segment])> {
    let Some((first, rest)) = segments.split_first() else { return Ok((None, segments)) };
    let Some(name) = name_in_cast(&first.text) else { return Ok((None, segments)) };
    match entity_type.is_named(name) {
        true => Ok((first.name_and_key()?.1, rest)),
        false => Err(bad_cast(first, entity_type.qualified_name())),
    }
}

fn bad_cast(segment: &Segment, of: String) -> Error {
    UrlReason::Cast { segment: segment.text.clone(), of }.into()
}

/// What the rest of a path names below an entity.
fn below(entity: EntityAddress, rest: &[Segment]) -> Result<Resource> {
    let entity_type = entity.entity_type();
    let (None, rest) = after_cast(entity_type, rest)? else { return Err(no_route()) };
    let Some((segment, rest)) = rest.split_first() else { return Ok(Resource::Entity(entity)) };
    let (name, key) = segment.name_and_key()?;
    if let Some(navigation) = entity_type.navigation(name) {
        let ancestors = entity.steps().cloned().collect();
        return follow(ancestors, navigation, segment, key, rest);
    }
    match entity_type.action(name, Binding::Entity) {
        Some(_) if key.is_some() => Err(Error::SegmentUnknown(segment.text.clone())),
        Some(action) if rest.is_empty() => Ok(Resource::EntityAction(entity, action)),
        _ => match entity_type.property(name).filter(|_| key.is_none()) {
            Some(property) => of_property(entity, property, rest),
            None => Err(Error::SegmentUnknown(name.into())),
        },
    }
}

/// What the rest of a path names below a property.
fn of_property(
    entity: EntityAddress,
    property: &'static Property,
    rest: &[Segment],
) -> Result<Resource> {
    match rest {
        [] => Ok(Resource::Property(entity, property)),
        [last] if last.text.eq_ignore_ascii_case("$value") => match property.edm.is_primitive() {
            true => Ok(Resource::RawValue(entity, property)),
            false => Err(UrlReason::NoRawValue { property: property.name }.into()),
        },
        [last] if last.text.eq_ignore_ascii_case("$count") && property.edm.is_collection() => {
            Ok(Resource::RawValue(entity, property))
        }
        [next, rest @ ..] if let Edm::Complex(of) = property.edm => match of.narrowed(&next.text) {
            Some(cast) if std::ptr::eq(cast, of) => of_property(entity, property, rest),
            Some(_) => Err(bad_cast(next, of.qualified_name())),
            None => Err(Error::SegmentUnknown(next.text.clone())),
        },
        [next, ..] => Err(Error::SegmentUnknown(next.text.clone())),
    }
}
