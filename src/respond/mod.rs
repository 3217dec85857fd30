//! Outcome → response: status, headers, annotations, links. The JSON of entities comes from the
//! database and stays unchanged. Does not know how it was made.

mod error;
mod url;
mod value;

pub use error::error;

use crate::message::{Body, Request, Response};
use crate::plan::{Act, Plan, annotation};
use crate::store::Outcome;

/// The reply to a request whose plan was executed.
#[must_use]
pub fn success(request: &Request, plan: &Plan, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Entity { json, tag } => one(plan, &json, tag),
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
pub fn options(allow: &str) -> Response {
    Response { headers: vec![("Allow".into(), format!("{allow}, OPTIONS"))], ..empty(204) }
}

/// A stored reply, for a retry.
#[must_use]
pub fn replayed(mut kept: Response) -> Response {
    kept.headers.push(("Idempotency-Replayed".into(), "true".into()));
    kept
}

/// The reply with the entity that was read or written.
fn one(plan: &Plan, entity: &str, tag: String) -> Response {
    let mut response = if is_known(plan, &tag) { empty(304) } else { shown(plan, entity) };
    if let Act::Create { entity, .. } = plan.act() {
        let location = url::location(plan, &entity.address());
        if response.status == 204 {
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
        | Act::GetProperty { if_none_match: Some(tags), .. } => tags.name(tag),
        _ => false,
    }
}

/// The reply with the entity, its context in front; without it, if the client prefers a minimal
/// reply to a write.
fn shown(plan: &Plan, entity: &str) -> Response {
    let is_write = !matches!(plan.act(), Act::Get { .. });
    if is_write && plan.is_minimal() {
        let mut response = empty(204);
        response.headers.push(("Preference-Applied".into(), "return=minimal".into()));
        return response;
    }
    let status = if matches!(plan.act(), Act::Create { .. }) { 201 } else { 200 };
    // `entity` starts with its opening brace, which the annotation follows.
    let body = match annotation::has_context(plan.shape().level) {
        false => entity.to_owned(),
        true => {
            let context = url::context(plan);
            format!("{{\"@odata.context\":{},{}", quoted(&context), &entity[1..])
        }
    };
    json(status, plan, body)
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
