//! The outcome as a reply: status, headers, annotations, links. Entities pass through as the
//! database assembled them. Knows nothing of how they were made.

mod error;
mod url;

pub use error::error;
pub use url::entity_path;

use bytes::Bytes;

use crate::message::{Request, Response};
use crate::odata::MetadataLevel;
use crate::plan::{Act, Plan, Value, skip_token};
use crate::store::Outcome;

/// The reply to a request whose plan was carried out.
#[must_use]
pub fn success(request: &Request, plan: &Plan, outcome: Outcome) -> Response {
    let mut response = match outcome {
        Outcome::Entity(entity) => written(request, plan, &entity),
        Outcome::Page { entities, last, total } => {
            let next = last.map(|key| next_link(request, plan, &key));
            json(200, plan, page(request, plan, &entities, next.as_deref(), total))
        }
        Outcome::Count(count) => {
            let content_type = ("Content-Type", "text/plain;charset=utf-8".into());
            Response { status: 200, headers: vec![content_type], body: count.to_string().into() }
        }
        Outcome::Deleted => Response { status: 204, headers: Vec::new(), body: Bytes::new() },
    };
    response.headers.push(("OData-Version", "4.0".into()));
    response
}

/// An entity that was read, or that a write left.
fn written(request: &Request, plan: &Plan, entity: &str) -> Response {
    let context = url::context(&request.base, &plan.address, &plan.shape, true);
    // Only the annotation is put in front; `entity` starts with its opening brace.
    let body = match plan.shape.level {
        MetadataLevel::None => entity.to_owned(),
        MetadataLevel::Minimal => {
            format!("{{\"@odata.context\":{},{}", quoted(&context), &entity[1..])
        }
    };
    let Act::Create(values) = &plan.act else { return json(200, plan, body) };
    let mut response = json(201, plan, body);
    let id = values.first().unwrap_or(&Value::Null);
    response.headers.push(("Location", url::created(&request.base, &plan.address, id)));
    response
}

fn page(
    request: &Request,
    plan: &Plan,
    entities: &[String],
    next: Option<&str>,
    total: Option<i64>,
) -> String {
    let mut body =
        String::with_capacity(entities.iter().map(|it| it.len() + 1).sum::<usize>() + 512);
    body.push('{');
    if plan.shape.level == MetadataLevel::Minimal {
        let context = url::context(&request.base, &plan.address, &plan.shape, false);
        body.push_str(&format!("\"@odata.context\":{},", quoted(&context)));
    }
    if let Some(total) = total {
        body.push_str(&format!("\"@odata.count\":{total},"));
    }
    if let Some(next) = next {
        body.push_str(&format!("\"@odata.nextLink\":{},", quoted(next)));
    }
    body.push_str("\"value\":[");
    body.push_str(&entities.join(","));
    body.push_str("]}");
    body
}

/// The client's own URL, its options kept, at the place where this page ended.
fn next_link(request: &Request, plan: &Plan, last: &str) -> String {
    let place = ["$skiptoken", "$skip"];
    let is_place = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().replace("%24", "$");
        place.iter().any(|own| name.trim_start_matches('$').eq_ignore_ascii_case(&own[1..]))
    };
    let kept = request.query.split('&').filter(|pair| !pair.is_empty() && !is_place(pair));
    let mut options: Vec<String> = kept.map(str::to_owned).collect();
    options.push(format!("$skiptoken={}", skip_token(&plan.address, last)));
    format!("{}{}?{}", request.base, request.path, options.join("&"))
}

fn json(status: u16, plan: &Plan, body: String) -> Response {
    let content_type = format!(
        "application/json;odata.metadata={};odata.streaming=true;IEEE754Compatible=false;\
         charset=utf-8",
        plan.shape.level.name()
    );
    Response { status, headers: vec![("Content-Type", content_type)], body: body.into() }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
