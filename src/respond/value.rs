//! The reply to a read of one property. Null is 204.

use super::{empty, is_known, json, quoted, url};
use crate::message::Response;
use crate::odata::MetadataLevel;
use crate::plan::{Plan, ValueForm};

/// The reply with a value of this form; `None` is null.
pub(super) fn reply(plan: &Plan, form: ValueForm, value: Option<Vec<u8>>, tag: String) -> Response {
    let mut response = match value {
        _ if is_known(plan, &tag) => empty(304),
        None => empty(204),
        Some(value) => match form {
            ValueForm::Member => json(200, plan, member(plan, &value)),
            ValueForm::Object => json(200, plan, object(plan, &value)),
            ValueForm::Text => raw("text/plain;charset=utf-8", value),
            ValueForm::Bytes => raw("application/octet-stream", value),
        },
    };
    response.headers.push(("ETag".into(), tag));
    response
}

fn raw(content_type: &str, value: Vec<u8>) -> Response {
    let headers = vec![("Content-Type".into(), content_type.into())];
    Response { status: 200, headers, body: value.into() }
}

/// An object with the value as a member.
fn member(plan: &Plan, value: &[u8]) -> Vec<u8> {
    let context = context(plan).map_or_else(String::new, |it| it + ",");
    [&b"{"[..], context.as_bytes(), b"\"value\":", value, b"}"].concat()
}

/// The object with its context in front.
fn object(plan: &Plan, object: &[u8]) -> Vec<u8> {
    let members = object.strip_prefix(b"{").unwrap_or(object);
    let comma = if members == b"}" { "" } else { "," };
    let context = context(plan).map_or_else(String::new, |it| it + comma);
    [&b"{"[..], context.as_bytes(), members].concat()
}

/// The annotation, unless the client wants none.
fn context(plan: &Plan) -> Option<String> {
    let shown = plan.shape().level != MetadataLevel::None;
    shown.then(|| format!("\"@odata.context\":{}", quoted(&url::context(plan))))
}
