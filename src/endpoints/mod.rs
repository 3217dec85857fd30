//! The endpoints, one folder or file each, and the way from a request to the one that answers it.

pub mod batch;
pub mod describe;
mod graph;
mod health;
mod retention;
mod sign_in;

use crate::error::Result;
use crate::message::{Method, Request, Response};
use crate::respond;
use crate::route::{ProtectedTarget, PublicTarget, Target};
use crate::service::Service;

/// The reply to a request.
pub async fn answer(service: &Service, request: &Request) -> Response {
    if let Some(own) = &service.sign_in
        && let Some(target) = sign_in::Target::of(&request.path)
    {
        return Box::pin(sign_in::answer(own, &service.issuers, request, &target)).await;
    }
    answer_target(service, request, Target::of(&request.path)).await
}

/// The reply to a request whose target is known.
async fn answer_target(service: &Service, request: &Request, target: Target) -> Response {
    let reply = reply(service, request, target.within(service.surface)).await;
    reply.unwrap_or_else(|error| respond::error(request, &error))
}

async fn reply(service: &Service, request: &Request, target: Target) -> Result<Response> {
    if request.method == Method::Options {
        return Ok(respond::options(target.allow()?));
    }
    let target = match target {
        Target::Public(target) => return reply_publicly(service, request, target),
        Target::Protected(target) => target,
    };
    let caller = service.issuers.authenticate(&request.headers).await?;
    tracing::debug!(id = %request.id, tenant = %caller.tenant(), "token accepted");
    match target? {
        ProtectedTarget::Resource(resource) => {
            let operation = ProtectedTarget::operation(resource, request.method)?;
            graph::answer(service, &caller, request, operation).await
        }
        ProtectedTarget::Policy(address) => {
            ProtectedTarget::check_policy(address.clone(), request.method)?;
            retention::answer(service, &caller, request, &address).await
        }
        ProtectedTarget::Batch(version) => {
            ProtectedTarget::check_batch(version, request.method)?;
            Box::pin(batch::answer(service, request, version)).await
        }
    }
}

fn reply_publicly(service: &Service, request: &Request, target: PublicTarget) -> Result<Response> {
    match target.with(request.method)? {
        PublicTarget::Description(description) => {
            describe::answer(request, description, service.surface)
        }
        PublicTarget::Health | PublicTarget::Server => Ok(health::answer(service)),
    }
}
