//! A reference to an entity, as `@odata.bind` has it: a URL → the entity's key.

use crate::model::{API_VERSION, EntityType};
use crate::odata::Path;
use crate::plan::{EntityKey, Resource};

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
