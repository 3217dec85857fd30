//! The URLs in replies: `@odata.context`, `Location` and `@odata.nextLink`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::message::Request;
use crate::model::{DEVICE_MANAGEMENT, NavigationKind};
use crate::plan::{Address, NewEntity, Plan, Shape, Step, Value};

/// What stands for itself in a path segment; RFC 3986 allows more, but these suffice.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');

/// `@odata.context`: what a body is, as a fragment of `$metadata`; not percent-encoded.
pub(super) fn context(plan: &Plan, single: bool) -> String {
    let entity = if single { "/$entity" } else { "" };
    let set = entity_set(&plan.address);
    format!("{}/$metadata#{set}{}{entity}", plan.root, shown(&plan.shape))
}

/// `@odata.context` of what an action tells.
pub(super) fn told_context(plan: &Plan) -> String {
    format!("{}/$metadata#Collection(microsoft.graph.hasPayloadLinkResultItem)", plan.root)
}

/// `Location`: the URL of an entity that was created.
pub(super) fn created(plan: &Plan, new: &NewEntity) -> String {
    let mut url = format!("{}/{}", plan.root, DEVICE_MANAGEMENT.name);
    for Step { navigation, key } in &new.address.steps {
        url.push('/');
        url.push_str(navigation.name);
        if let Some(key) = key.as_ref().and_then(Value::key_text) {
            url.push_str(&key_segment(&key));
        }
    }
    url + &key_segment(&new.key().key_text().unwrap_or_default())
}

/// The client's own URL, its options kept, at the place where this page ended.
pub(super) fn next_link(request: &Request, token: &str) -> String {
    let is_place = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().replace("%24", "$");
        let name = name.trim_start_matches('$');
        ["skiptoken", "skip"].iter().any(|own| name.eq_ignore_ascii_case(own))
    };
    let kept = request.query.split('&').filter(|pair| !pair.is_empty() && !is_place(pair));
    let options: String = kept.map(|pair| format!("{pair}&")).collect();
    format!("{}{}?{options}$skiptoken={token}", request.base, request.path)
}

/// The entity set of what is addressed: the collection that holds it.
fn entity_set(address: &Address) -> String {
    let mut collection = address.clone();
    let Some(last) = collection.steps.last_mut() else { return DEVICE_MANAGEMENT.name.into() };
    last.key = None;
    if last.navigation.kind == NavigationKind::Referenced {
        let target = last.navigation.target;
        let mut sets = DEVICE_MANAGEMENT.navigations.iter();
        let set = sets.find(|set| std::ptr::eq(set.target, target)).map_or("", |set| set.name);
        return format!("{}/{set}", DEVICE_MANAGEMENT.name);
    }
    collection.canonical()
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
/// take `.` and `..` away, and `$` starts the name of a system segment.
fn key_segment(key: &str) -> String {
    if key == "." || key == ".." || key.starts_with('$') {
        return format!("('{}')", utf8_percent_encode(&key.replace('\'', "''"), SEGMENT));
    }
    format!("/{}", utf8_percent_encode(key, SEGMENT))
}
