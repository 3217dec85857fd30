//! The endpoints, one folder or file each, and the way from a request to the one that answers it.

pub mod batch;
pub mod describe;
mod graph;
mod health;
mod retention;
mod sign_in;

use crate::error::{Error, Result};
use crate::message::{Method, Request, Response};
use crate::respond;
use crate::route::{ProtectedTarget, PublicTarget, Target};
use crate::service::{Service, SignIn};

/// The reply to a request.
pub async fn answer(service: &Service, request: &Request) -> Response {
    match sign_in_target(service, request) {
        Some((own, target)) => {
            Box::pin(sign_in::answer(own, &service.issuers, request, &target)).await
        }
        None => answer_target(service, request, Target::of(&request.path)).await,
    }
}

/// The reply to a request that was not received: an error, in the form of the target.
pub fn refuse(service: &Service, request: &Request, error: &Error) -> Response {
    match sign_in_target(service, request) {
        Some((_, target)) => sign_in::refuse(request, &target, error),
        None => respond::error(request, error),
    }
}

/// Refuses a body that is longer than `limit`, unless the client has a token for the target.
///
/// # Errors
/// [`Error::BodyTooLarge`] if the target takes no token, else as for a request without a good one.
pub async fn check_large_body(service: &Service, request: &Request, limit: usize) -> Result<()> {
    match sign_in_target(service, request) {
        Some(_) => Err(Error::BodyTooLarge { limit }),
        None => service.issuers.authenticate(&request.headers).await.map(drop),
    }
}

/// The target, if the request is one to sign in, and the server has a local issuer.
fn sign_in_target<'a>(
    service: &'a Service,
    request: &Request,
) -> Option<(&'a SignIn, sign_in::Target)> {
    Some((service.sign_in.as_ref()?, sign_in::Target::of(&request.path)?))
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
