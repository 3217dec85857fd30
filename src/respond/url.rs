//! The URLs in replies: `@odata.context`, `Location` and `@odata.nextLink`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::message::Request;
use crate::model::{NavigationKind, ROOT, name_in_cast};
use crate::odata::option_name;
use crate::plan::{Act, EntityAddress, EntityKey, Plan, Shape, Step};

/// What stands for itself in a path segment; RFC 3986 allows more, but these suffice.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');

/// `@odata.context`: the type of a body as a fragment of `$metadata`; not percent-encoded.
pub(super) fn context(plan: &Plan) -> String {
    let shown = shown(plan.shape());
    let fragment = match plan.act() {
        Act::List { collection, .. } | Act::Count { collection, .. } => {
            format!("{}{shown}", collection.canonical())
        }
        Act::GetProperty { entity, property, .. } => {
            format!("{}/{}", entity.canonical(), property.name)
        }
        Act::Get { entity, .. }
        | Act::Update { entity, .. }
        | Act::Upsert { entity, .. }
        | Act::Delete { entity, .. }
        | Act::Replace { entity, .. } => format!("{}{shown}/$entity", entity_set(entity)),
        Act::Create { entity, .. } => format!("{}{shown}/$entity", entity.collection.canonical()),
        Act::Query { item, .. } => format!("Collection({})", item.qualified_name()),
    };
    format!("{}/$metadata#{fragment}", plan.root())
}

/// `Location`: the URL of an entity.
pub(super) fn location(plan: &Plan, entity: &EntityAddress) -> String {
    let mut url = format!("{}/{}", plan.root(), ROOT.name);
    for Step { navigation, key } in entity.steps() {
        url.push('/');
        url.push_str(navigation.name);
        if let Some(key) = key.as_ref().and_then(EntityKey::text) {
            url.push_str(&key_segment(&key));
        }
    }
    url
}

/// The client's own URL, its options kept, at the place where this page ended.
pub(super) fn next_link(request: &Request, token: &str) -> String {
    let is_place = |pair: &&str| {
        let name = option_name(pair.split('=').next().unwrap_or_default());
        name.is_ok_and(|name| ["skiptoken", "skip"].contains(&name.as_str()))
    };
    let kept = request.query.split('&').filter(|pair| !pair.is_empty() && !is_place(pair));
    let options: String = kept.map(|pair| format!("{pair}&")).collect();
    format!("{}{}?{options}$skiptoken={token}", request.base, request.path)
}

/// The entity set that holds an entity.
fn entity_set(entity: &EntityAddress) -> String {
    match entity.last.navigation.kind {
        NavigationKind::Referenced(set) => format!("{}/{}", ROOT.name, set.name),
        NavigationKind::Contained | NavigationKind::Attached | NavigationKind::Versions(_) => {
            entity.canonical_collection()
        }
    }
}

/// `(id,displayName,assignments())`: what of an entity is shown; nothing where all of it is.
fn shown(shape: &Shape) -> String {
    let properties = shape.properties.iter().filter(|_| shape.selected);
    let mut names: Vec<String> = properties.map(|property| property.name.into()).collect();
    let expansions = shape.expansions.iter();
    names.extend(expansions.map(|expansion| {
        let inner = shown(&expansion.shape);
        let inner = if inner.is_empty() { "()".into() } else { inner };
        format!("{}{inner}", expansion.navigation.name)
    }));
    if names.is_empty() { String::new() } else { format!("({})", names.join(",")) }
}

/// A key as a segment of its own, or in parentheses where that would mean something else: clients
/// take `.` and `..` away, `$` starts the name of a system segment, and the name of an entity type
/// is a type cast.
fn key_segment(key: &str) -> String {
    if key == "." || key == ".." || key.starts_with('$') || name_in_cast(key).is_some() {
        return format!("('{}')", utf8_percent_encode(&key.replace('\'', "''"), SEGMENT));
    }
    format!("/{}", utf8_percent_encode(key, SEGMENT))
}
