//! Outcome → response: status, headers, annotations, links. The JSON of entities comes from the
//! database and stays unchanged. Does not know how it was made.

mod error;
mod url;
mod value;

pub use error::{error, made_error, write_log};

use crate::message::{Body, Request, Response};
use crate::plan::{Act, Plan, annotation};
use crate::store::Outcome;

/// The reply to a request whose plan was executed.
#[must_use]
pub fn success(request: &Request, plan: &Plan, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Entity { json, tag, is_new } => one(plan, &json, tag, is_new),
        Outcome::Value { form, value, tag } => value::reply(plan, form, value, tag),
        Outcome::Nothing | Outcome::Done => empty(204),
        Outcome::Page { entities, next, total } => {
            let next = next.map(|token| url::next_link(request, &token));
            json(200, plan, page(plan, &entities, next.as_deref(), total))
        }
        Outcome::Count(count) => {
            let content_type = ("Content-Type".into(), "text/plain;charset=utf-8".into());
            Response { status: 200, headers: vec![content_type], body: count.to_string().into() }
        }
        Outcome::Items(items) => json(200, plan, page(plan, &items.join(","), None, None)),
    }
}

/// The headers that every reply has, an error and the reply to a request of a batch included.
#[must_use]
pub fn common_headers(request: &Request) -> [(&'static str, String); 3] {
    [
        ("OData-Version", "4.0".into()),
        ("request-id", request.id.to_string()),
        ("client-request-id", request.client_id.clone()),
    ]
}

/// The reply to OPTIONS: the methods of the target.
#[must_use]
pub fn options(allow: String) -> Response {
    Response { headers: vec![("Allow".into(), allow)], ..empty(204) }
}

/// A stored reply, for a retry.
#[must_use]
pub fn replayed(mut kept: Response) -> Response {
    kept.headers.push(("Idempotency-Replayed".into(), "true".into()));
    kept
}

/// The reply with the entity that was read or written.
fn one(plan: &Plan, entity: &str, tag: String, is_new: bool) -> Response {
    let is_minimal = plan.is_minimal();
    let mut response = match () {
        () if is_known(plan, &tag) => empty(304),
        () if is_minimal => empty(204),
        () => json(if is_new { 201 } else { 200 }, plan, with_context(plan, entity)),
    };
    let create_if_missing = plan.creates_if_missing().then_some("create-if-missing");
    let minimal = is_minimal.then_some("return=minimal");
    let applied: Vec<&str> = create_if_missing.into_iter().chain(minimal).collect();
    if !applied.is_empty() {
        response.headers.push(("Preference-Applied".into(), applied.join(", ")));
    }
    let new = match plan.act() {
        Act::Create { entity: new, .. } | Act::Upsert { new, .. } => Some(new).filter(|_| is_new),
        _ => None,
    };
    if let Some(new) = new {
        let location = url::location(plan, &new.address());
        if is_minimal {
            response.headers.push(("OData-EntityId".into(), location.clone()));
        }
        response.headers.push(("Location".into(), location));
    }
    response.headers.push(("ETag".into(), tag));
    response
}

/// Whether the client has the entity with this tag already.
fn is_known(plan: &Plan, tag: &str) -> bool {
    match plan.act() {
        Act::Get { if_none_match: Some(tags), .. }
        | Act::GetProperty { if_none_match: Some(tags), .. } => tags.contains(tag),
        _ => false,
    }
}

/// The entity with its context in front.
fn with_context(plan: &Plan, entity: &str) -> String {
    match annotation::has_context(plan.shape().level) {
        false => entity.to_owned(),
        true => {
            // `entity` starts with its opening brace, which the annotation follows.
            let context = url::context(plan);
            format!("{{\"@odata.context\":{},{}", quoted(&context), &entity[1..])
        }
    }
}

fn page(plan: &Plan, entities: &str, next: Option<&str>, total: Option<i64>) -> String {
    let mut body = String::with_capacity(entities.len() + 512);
    body.push('{');
    if annotation::has_context(plan.shape().level) {
        body.push_str(&format!("\"@odata.context\":{},", quoted(&url::context(plan))));
    }
    if let Some(total) = total {
        body.push_str(&format!("\"@odata.count\":{total},"));
    }
    if let Some(next) = next {
        body.push_str(&format!("\"@odata.nextLink\":{},", quoted(next)));
    }
    body.push_str("\"value\":[");
    body.push_str(entities);
    body.push_str("]}");
    body
}

fn json(status: u16, plan: &Plan, body: impl Into<Body>) -> Response {
    let content_type = format!(
        "application/json;odata.metadata={};odata.streaming=true;IEEE754Compatible=false;\
         charset=utf-8",
        plan.shape().level.name()
    );
    let mut headers = vec![("Content-Type".into(), content_type)];
    if let (Act::List { .. }, Some(size)) = (plan.act(), plan.max_page_size()) {
        headers.push(("Preference-Applied".into(), format!("odata.maxpagesize={size}")));
    }
    Response { status, headers, body: body.into() }
}

fn empty(status: u16) -> Response {
    Response { status, headers: Vec::new(), body: Body::empty() }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
