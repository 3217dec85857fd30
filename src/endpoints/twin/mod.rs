//! The control API of the test twin, at `/twin/v1`: one request from its method to its reply. Each part has
//! a file; `target` has the paths. What the twin does is in `twin`.

mod clock;
mod contents;
mod export;
mod fixtures;
mod openapi;
mod overview;
mod reply;
mod request;
mod requests;
mod rules;
mod snapshots;
mod target;
mod tenants;
mod tokens;
mod traffic;

use crate::error::{Error, Result, TwinReason};
use crate::message::{Method, Request, Response};
use crate::respond;
use crate::service::Service;
use crate::twin::Twin;

pub(super) use target::Target;
pub(super) use traffic::{TenantRequest, refuse};

/// The reply to a request below `/twin/v1`.
pub(super) async fn answer(
    service: &Service,
    twin: &Twin,
    request: &Request,
    target: &Target,
) -> Response {
    let reply = reply(service, twin, request, target).await;
    reply.unwrap_or_else(|error| respond::error(request, &error))
}

async fn reply(
    service: &Service,
    twin: &Twin,
    request: &Request,
    target: &Target,
) -> Result<Response> {
    if request.method == Method::Options {
        return Ok(respond::options(target.allow()));
    }
    if *target == Target::OpenApi && request.method == Method::Get {
        return reply::json(200, &openapi::document()?);
    }
    twin.authority.authenticate(&request.headers).await?;
    if *target == Target::Unknown {
        return Err(TwinReason::PathUnknown.into());
    }
    if !target.methods().contains(&request.method) {
        return Err(Error::MethodNotAllowed { allow: target.allow() });
    }
    let call = Call { service, twin, request };
    match target {
        Target::Twin => overview::show(&call),
        Target::Tenants => tenants::answer(&call).await,
        Target::Tenant(id) => tenants::answer_one(&call, id).await,
        Target::Fork(id) => tenants::fork(&call, id).await,
        Target::Reset(id) => tenants::reset(&call, id).await,
        Target::ResetAll => overview::reset(&call).await,
        Target::Snapshots => snapshots::list(&call),
        Target::SnapshotsOf(id) => snapshots::create(&call, id).await,
        Target::Contents(id) => contents::answer(&call, id).await,
        Target::Clock(id) => clock::answer(&call, id).await,
        Target::Advance(id) => clock::advance(&call, id).await,
        Target::Tokens(id) => tokens::create(&call, id),
        Target::Rules(id) => rules::answer(&call, id),
        Target::Rule(id, rule) => rules::answer_one(&call, id, rule),
        Target::Throttle(id) => requests::throttle(&call, id),
        Target::Requests(id) => requests::answer(&call, id),
        Target::Verify(id) => requests::verify(&call, id).await,
        Target::Snapshot(name) => snapshots::remove(&call, name).await,
        Target::OpenApi | Target::Unknown => Err(TwinReason::PathUnknown.into()),
    }
}

/// A request whose caller may control the twin.
struct Call<'a> {
    service: &'a Service,
    twin: &'a Twin,
    request: &'a Request,
}
