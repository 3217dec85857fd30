//! The reply to a read of one property. Null is 204.

use super::{empty, is_known, json, quoted, url};
use crate::message::Response;
use crate::plan::{Plan, ValueForm, annotation};

/// The reply with a value of this form; `None` is null.
pub(super) fn reply(plan: &Plan, form: ValueForm, value: Option<Vec<u8>>, tag: String) -> Response {
    let mut response = match value {
        _ if is_known(plan, &tag) => empty(304),
        None => empty(204),
        Some(value) => match form {
            ValueForm::Member | ValueForm::Object => json(200, plan, in_context(plan, &value)),
            ValueForm::Text | ValueForm::Count => raw("text/plain;charset=utf-8", value),
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

/// The object with its context in front, unless the client wants none.
fn in_context(plan: &Plan, object: &[u8]) -> Vec<u8> {
    if !annotation::has_context(plan.shape().level) {
        return object.to_vec();
    }
    let members = object.strip_prefix(b"{").unwrap_or(object);
    let comma = if members == b"}" { "" } else { "," };
    let context = format!("{{\"@odata.context\":{}{comma}", quoted(&url::context(plan)));
    [context.as_bytes(), members].concat()
}
