//! `$batch`: up to twenty requests in one, each answered by the service like a single request.
//! Knows the envelope, the order and the limits of a batch, not the meaning of its items.
//!
//! All items use the `Authorization` of the batch; their own is ignored, as in Graph. An item
//! without a `client-request-id` has that of the batch. A mistake in the envelope refuses the whole
//! batch before any item runs, a repeated name inside an item's body included. A mistake in one
//! item fails that item only.

mod envelope;
mod item;
mod order;
mod reply;
mod run;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::error::{BatchReason, HeaderReason, Result};
use crate::headers;
use crate::message::{Request, Response};
use crate::odata::Charset;
use crate::service::Service;

pub use envelope::MAX_REQUESTS;
pub use run::{MAX_CONCURRENT, MAX_REPLY};

/// The reply to a batch below a version. It is boxed, since its items are answered by the function that answers
/// the batch.
pub(super) fn answer<'a>(
    service: &'a Service,
    request: &'a Request,
    version: &'static str,
) -> BoxFuture<'a, Result<Response>> {
    carry_out(service, request, version).boxed()
}

async fn carry_out(
    service: &Service,
    request: &Request,
    version: &'static str,
) -> Result<Response> {
    let text = charset(request)?.decode(&request.body)?;
    let entries = envelope::read(&text)?;
    let order = order::order(&entries)?;
    let items: Vec<_> = entries.into_iter().map(|it| item::prepare(it, request, version)).collect();
    let (items, targets): (Vec<_>, Vec<_>) = items.into_iter().unzip();
    let responses = run::run(service, &items, targets, &order).await;
    reply::reply(&items, responses)
}

/// The charset of the body. Refuses what a batch cannot be before its body is looked at.
fn charset(request: &Request) -> Result<Charset> {
    if !request.query.is_empty() {
        return Err(BatchReason::QueryOptions.into());
    }
    if request.headers.all("idempotency-key").next().is_some() {
        return Err(HeaderReason::IdempotencyKeyOnBatch.into());
    }
    headers::check_odata_version(&request.headers)?;
    headers::accepted_format(&request.headers, None)?;
    headers::json_charset(&request.headers)
}
