//! The URLs in replies: `@odata.context` and `Location`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::DEVICE_MANAGEMENT;
use crate::plan::{Address, Shape, Step, Value};

/// What stands for itself in a path segment; RFC 3986 allows more, but these suffice.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');

/// `@odata.context`: what a body is, as a fragment of `$metadata`; not percent-encoded.
pub(super) fn context(base: &str, address: &Address, shape: &Shape, single: bool) -> String {
    let last = address.steps.len().saturating_sub(1);
    let mut fragment = String::from(DEVICE_MANAGEMENT.name);
    for (index, Step { navigation, key }) in address.steps.iter().enumerate() {
        fragment.push('/');
        fragment.push_str(navigation.name);
        if let Some(key) = key_text(key.as_ref()).filter(|_| index < last) {
            fragment.push_str(&format!("('{}')", key.replace('\'', "''")));
        }
    }
    if shape.selected {
        let names: Vec<&str> = shape.properties.iter().map(|property| property.name).collect();
        fragment.push_str(&format!("({})", names.join(",")));
    }
    let entity = if single { "/$entity" } else { "" };
    format!("{base}/beta/$metadata#{fragment}{entity}")
}

/// `Location`: the URL of an entity that was created in a collection.
pub(super) fn created(base: &str, collection: &Address, id: &Value) -> String {
    format!("{base}{}", entity_path(collection, id))
}

/// The path of the entity with this key in a collection, percent-encoded.
#[must_use]
pub fn entity_path(collection: &Address, id: &Value) -> String {
    let mut path = format!("/beta/{}", DEVICE_MANAGEMENT.name);
    for Step { navigation, key } in &collection.steps {
        path.push('/');
        path.push_str(navigation.name);
        if let Some(key) = key_text(key.as_ref()) {
            path.push_str(&key_segment(&key));
        }
    }
    path + &key_segment(&key_text(Some(id)).unwrap_or_default())
}

/// A key as a segment of its own, or in parentheses where that would mean something else: clients
/// take `.` and `..` away, and `$` starts the name of a system segment.
fn key_segment(key: &str) -> String {
    if key == "." || key == ".." || key.starts_with('$') {
        return format!("('{}')", utf8_percent_encode(&key.replace('\'', "''"), SEGMENT));
    }
    format!("/{}", utf8_percent_encode(key, SEGMENT))
}

fn key_text(key: Option<&Value>) -> Option<String> {
    match key? {
        Value::Text(text) => Some(text.clone()),
        Value::Guid(guid) => Some(guid.to_string()),
        _ => None,
    }
}
