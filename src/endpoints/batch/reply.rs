//! The responses of a batch → its reply. Their bodies have the form of OData's JSON batches: JSON
//! unchanged, text (such as a `/$count`) as a string, anything else as a string in base64url. A
//! response without a `Content-Type`, such as a 204, has no member `body`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Map, Value};

use super::item::Item;
use crate::error::{Error, Result};
use crate::message::{Body, Response};
use crate::respond;

/// The reply, in the order of the requests.
pub(super) fn reply(items: &[Item], responses: Vec<Response>) -> Result<Response> {
    let mut body = Vec::new();
    body.extend_from_slice(b"{\"responses\":[");
    for (index, (item, response)) in items.iter().zip(responses).enumerate() {
        if index > 0 {
            body.push(b',');
        }
        write(&mut body, item, &response)?;
    }
    body.extend_from_slice(b"]}");
    let headers = vec![("Content-Type".into(), "application/json".into())];
    Ok(Response { status: 200, headers, body: body.into() })
}

fn write(reply: &mut Vec<u8>, item: &Item, response: &Response) -> Result<()> {
    let Response { status, body: Body::Whole(body), .. } = response else {
        return Err(Error::Bug("the reply to an item of a batch is a stream"));
    };
    let id = Value::from(item.id.as_str());
    let headers = headers(item, response);
    reply.extend_from_slice(
        format!("{{\"id\":{id},\"status\":{status},\"headers\":{headers}").as_bytes(),
    );
    if let Some(content_type) = content_type(response) {
        reply.extend_from_slice(b",\"body\":");
        if content_type.starts_with("application/json") {
            reply.extend_from_slice(body);
        } else if content_type.starts_with("text/") {
            let text = Value::from(String::from_utf8_lossy(body));
            reply.extend_from_slice(text.to_string().as_bytes());
        } else {
            reply.extend_from_slice(format!("\"{}\"", URL_SAFE.encode(body)).as_bytes());
        }
    }
    reply.push(b'}');
    Ok(())
}

/// The headers that the response would have outside a batch.
fn headers(item: &Item, response: &Response) -> Value {
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in &response.headers {
        let value = match &**name {
            "Allow" => methods_of_batches(value),
            _ => value.clone(),
        };
        headers.insert(name.to_string(), value.into());
    }
    for (name, value) in respond::common_headers(&item.request) {
        headers.insert(name.into(), value.into());
    }
    Value::Object(headers)
}

/// The methods that an item of a batch may have, of those that a target has.
fn methods_of_batches(allow: &str) -> String {
    let methods = allow.split(", ").filter(|method| !["HEAD", "OPTIONS"].contains(method));
    methods.collect::<Vec<_>>().join(", ")
}

fn content_type(response: &Response) -> Option<&str> {
    let mut headers = response.headers.iter();
    let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    found.map(|(_, value)| value.as_str())
}
