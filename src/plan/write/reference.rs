//! A reference to an entity, as `@odata.bind` has it: a URL → the entity's key, and the error of one
//! whose entity does not exist.

use super::body::within;
use crate::error::{BodyReason, Error};
use crate::model::{API_VERSION, EntityType, Navigation};
use crate::odata::Path;
use crate::plan::{EntityKey, Resource};

/// The place of an entity in a body, from the outside: collections, each with an index from 0.
pub(super) type Place = Vec<(&'static str, usize)>;

/// The reference that a body gives for an entity.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The navigation property.
    name: &'static str,
    entity_type: &'static str,
    id: String,
    place: Place,
}

impl Reference {
    /// The one reference among these; `None` if there are several, or none.
    pub(super) fn only_one<'a>(
        references: impl Iterator<Item = (&'static Navigation, Option<&'a EntityKey>)>,
        place: &[(&'static str, usize)],
    ) -> Option<Self> {
        let mut given = references.filter_map(|(navigation, key)| Some((navigation, key?)));
        let (navigation, key) = given.next().filter(|_| given.next().is_none())?;
        let (name, entity_type) = (navigation.name, navigation.target.name);
        Some(Self { name, entity_type, id: key.text()?, place: place.to_vec() })
    }

    /// The error of a write whose referenced entity does not exist.
    #[must_use]
    pub fn missing(&self) -> Error {
        let reason = BodyReason::ReferenceMissing {
            name: self.name,
            entity_type: self.entity_type,
            id: self.id.clone(),
        };
        let places = self.place.iter().rev();
        places.fold(reason, |reason, (collection, index)| within(collection, *index, reason)).into()
    }
}

/// The key of the entity of a type that a URL names; `None` if it names none. The scheme of an
/// absolute URL is http or https. Its host is not compared, because a client may reach the service
/// by another name, such as that of a proxy or of Graph itself. The version of the API may be
/// omitted.
pub(super) fn referenced_key(url: &str, target: &EntityType) -> Option<EntityKey> {
    let path = match url.split_once("://") {
        Some((scheme, rest)) => path_behind(scheme, rest)?,
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

/// The path of an absolute URL, whose host and path are the `rest`.
fn path_behind<'a>(scheme: &str, rest: &'a str) -> Option<&'a str> {
    let is_web = ["http", "https"].iter().any(|it| scheme.eq_ignore_ascii_case(it));
    let (host, path) = rest.split_once('/')?;
    (is_web && !host.is_empty()).then_some(path)
}
