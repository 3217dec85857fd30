//! A reference to an entity, as `@odata.bind` has it: a URL → the entity's key.

use crate::model::{API_VERSION, EntityType};
use crate::odata::Path;
use crate::plan::{EntityKey, Resource};

/// The key of the entity of a type that a URL names; `None` if it names none. The host of an
/// absolute URL does not matter, and neither does the version of a path.
pub(super) fn referenced_key(url: &str, target: &EntityType) -> Option<EntityKey> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => url,
    };
    let path = Path::parse(path).ok()?;
    let segments = match path.segments.split_first() {
        Some((first, rest)) if first.text.eq_ignore_ascii_case(API_VERSION) => rest,
        _ => &path.segments,
    };
    let Ok(Resource::Entity(entity)) = Resource::find(segments) else { return None };
    let is_in_set = entity.ancestors.is_empty() && std::ptr::eq(entity.entity_type(), target);
    let key = entity.last.key.filter(|_| is_in_set);
    key.filter(|key| *key != EntityKey::Impossible)
}
