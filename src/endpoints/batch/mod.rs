//! `$batch`: up to twenty requests in one, each answered by the service as if it had come alone.
//! Knows the envelope, the order and the limits of a batch; what an item means, only the service
//! knows.
//!
//! All items carry the `Authorization` of the batch; one of their own is ignored, as Graph does it.
//! An item without a `client-request-id` of its own carries the batch's. What is wrong with the
//! envelope refuses the whole batch before anything ran, a duplicate name inside an item's body
//! included; what is wrong with one item is that item's answer.

mod envelope;
mod item;
mod order;
mod reply;
mod run;

use crate::endpoints::graph::Service;
use crate::error::{Error, Result};
use crate::headers;
use crate::message::{Method, Request, Response};
use crate::odata::Path;
use crate::respond;

pub use envelope::MAX_REQUESTS;
pub use item::MAX_URL;
pub use run::{MAX_CONCURRENT, MAX_REPLY};

/// The versions under which a batch, and an item of one, can stand.
const VERSIONS: [&str; 2] = ["beta", "v1.0"];

/// The reply to a request: a batch is answered here, everything else by the service.
pub async fn answer(service: &Service, request: &Request) -> Response {
    let Some(version) = version(&request.path) else { return service.answer(request).await };
    match attempt(service, request, version).await {
        Ok(response) => response,
        Err(error) => respond::error(request, &error),
    }
}

async fn attempt(service: &Service, request: &Request, version: &str) -> Result<Response> {
    if request.method == Method::Options {
        // The error names the verbs that there are, to anyone.
        check_head(request)?;
    }
    service.issuers.caller(&request.headers).await?;
    check_head(request)?;
    let entries = envelope::read(&request.body)?;
    let order = order::order(&entries)?;
    let items: Vec<_> = entries.into_iter().map(|it| item::prepare(it, request, version)).collect();
    let responses = run::run(service, &items, &order).await;
    Ok(reply::reply(&items, responses))
}

/// Under which version the path names a batch; `None` where it names none.
fn version(path: &str) -> Option<&'static str> {
    let path = Path::parse(path).ok()?;
    let [version, last] = path.segments.as_slice() else { return None };
    let known = VERSIONS.into_iter().find(|known| version.text.eq_ignore_ascii_case(known));
    known.filter(|_| last.text.eq_ignore_ascii_case("$batch"))
}

/// Refuses what a batch cannot be before its body is looked at.
fn check_head(request: &Request) -> Result<()> {
    if request.method != Method::Post {
        return Err(Error::MethodNotAllowed { allow: "POST".into() });
    }
    if !request.query.is_empty() {
        return Err(Error::BadRequest(
            "$batch has no query options. Give them to the requests inside.".into(),
        ));
    }
    if request.headers.all("idempotency-key").next().is_some() {
        return Err(Error::BadRequest(
            "The header Idempotency-Key is not supported on $batch. Give each request inside a key \
             of its own, in its headers."
                .into(),
        ));
    }
    headers::accepted_format(&request.headers, None)?;
    headers::check_json_body(&request.headers)
}
