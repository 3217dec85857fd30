//! The endpoints, one folder or file each, and the way from a request to the one that answers it.

pub mod batch;
mod console;
mod counted;
pub mod describe;
mod graph;
mod health;
mod metrics;
mod openapi;
mod representation;
mod retention;
mod sign_in;
mod timing;
mod twin;

use std::time::Instant;

use futures_util::FutureExt;

use counted::counted;

use crate::auth::{self, Caller};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::message::{Headers, Method, Request, Response};
use crate::metrics::Stage;
use crate::model::permission::Profile;
use crate::respond;
use crate::route::{HealthCheck, ProtectedTarget, PublicTarget, Target, Task};
use crate::service::{Service, SignIn};
use crate::twin::{Overrides, Tenant, Twin};
use twin::TenantRequest;

/// The reply to a request. What few requests need is boxed: the future of all others is smaller, and the code
/// that drops it exists once.
pub async fn answer(service: &Service, request: &Request) -> Response {
    if let Some((twin, target)) = twin_target(service, request) {
        let reply = twin::answer(service, twin, request, &target).boxed();
        return counted(&service.requests, "twin", request.method, reply).await;
    }
    if let (Some(clients), Some(name)) = (&service.console, console::name(&request.path)) {
        let reply = async { console::answer(service, clients, request, name) };
        return counted(&service.requests, "console", request.method, reply).await;
    }
    match sign_in_target(service, request) {
        Some((own, target)) => {
            let reply = sign_in::answer(own, &service.issuers, request, &target).boxed();
            counted(&service.requests, "sign_in", request.method, reply).await
        }
        None => answer_target(service, request, Target::of(&request.path)).await,
    }
}

/// The reply to a request that comes while the server starts, if it needs no service: a check of health.
#[must_use]
pub fn answer_while_starting(request: &Request) -> Option<Response> {
    match (Target::of(&request.path), request.method) {
        (Target::Public(PublicTarget::Health(check)), Method::Get) => {
            Some(health::answer_while_starting(check))
        }
        _ => None,
    }
}

/// The reply to a request that was not received: an error, in the form of the target.
pub fn refuse(service: &Service, request: &Request, error: &Error) -> Response {
    let (target, response) = match sign_in_target(service, request) {
        Some((_, target)) => ("sign_in", sign_in::refuse(request, &target, error)),
        None => (Target::of(&request.path).kind(), respond::error(request, error)),
    };
    service.requests.refused(target, counted::name(request.method), response.status);
    response
}

/// The reply to a request that came to the listener of the metrics.
pub fn answer_metrics(service: &Service, request: &Request) -> Response {
    metrics::answer(service, request)
}

/// Refuses a body that is longer than `limit`, unless the client has a token for the target.
///
/// # Errors
/// [`Error::BodyTooLarge`] if the target takes no token, else as for a request without a good one.
pub async fn check_large_body(service: &Service, request: &Request, limit: usize) -> Result<()> {
    if let Some((twin, _)) = twin_target(service, request) {
        return twin.authority.authenticate(&request.headers).await;
    }
    match sign_in_target(service, request) {
        Some(_) => Err(Error::BodyTooLarge { limit }),
        None => {
            let now = request.clock.now();
            service.issuers.authenticate_early(&request.headers, now).await.map(drop)
        }
    }
}

/// The clock of the tenant that a request names: in its path to sign in, else in its token, whose
/// lifetime is checked by this clock. Without a service or a test twin, all tenants have the real time.
pub fn clock(service: Option<&Service>, path: &str, headers: &Headers) -> Clock {
    let Some(twin) = service.and_then(|it| it.twin.as_ref()) else { return Clock::Real };
    let in_path = sign_in::Target::of(path).and_then(|target| target.tenant_id());
    let tenant = in_path.or_else(|| auth::unverified_tenant(headers));
    tenant.map_or(Clock::Real, |tenant| twin.clock(tenant))
}

/// The target, if the request is one to control the test twin, and the server has one.
fn twin_target<'a>(service: &'a Service, request: &Request) -> Option<(&'a Twin, twin::Target)> {
    Some((service.twin.as_ref()?, twin::Target::of(&request.path)?))
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
    let kind = target.kind();
    let reply = reply(service, request, target.within(service.surface))
        .map(|reply| reply.unwrap_or_else(|error| respond::error(request, &error)));
    counted(&service.requests, kind, request.method, reply).await
}

async fn reply(service: &Service, request: &Request, target: Target) -> Result<Response> {
    if request.method == Method::Options {
        return Ok(respond::options(target.allow()?));
    }
    let target = match target {
        Target::Public(target) => return reply_publicly(service, request, target),
        Target::Protected(target) => target,
    };
    let start = Instant::now();
    let caller = match service.issuers.authenticate(&request.headers, request.clock.now()).await {
        Ok(caller) => caller,
        Err(error) => {
            let mut response = twin::refuse(service, request, &target, &error);
            if service.sign_in.is_some() {
                sign_in::complete_challenge(request, &mut response);
            }
            return Ok(response);
        }
    };
    service.store.stages().took(Stage::Token, start.elapsed());
    tracing::debug!(id = %request.id, tenant = %caller.tenant(), "token accepted");
    let tenant = match &service.twin {
        None => None,
        Some(twin) => twin.admit(caller.tenant())?,
    };
    match (&service.twin, &tenant) {
        (Some(twin), Some(tenant)) => {
            let request =
                TenantRequest { service, twin, tenant, caller: &caller, request, target: &target };
            Ok(request.answer().boxed().await)
        }
        _ => {
            let served = Served { profile: service.profile, tenant: None };
            serve(service, &caller, request, target, served).await
        }
    }
}

/// The reply to a read by the server itself in a tenant of the test twin. No rule and no throttle meets
/// it, and it is neither counted nor recorded.
async fn answer_own(
    service: &Service,
    tenant: &Tenant,
    caller: &Caller,
    request: &Request,
) -> Result<Response> {
    let Target::Protected(target) = Target::of(&request.path) else {
        return Err(Error::Bug("the server reads a path that needs no token"));
    };
    serve_tenant(service, tenant, caller, request, target, &Overrides::default()).await
}

/// The reply to a request in a tenant of the test twin.
async fn serve_tenant(
    service: &Service,
    tenant: &Tenant,
    caller: &Caller,
    request: &Request,
    target: Result<ProtectedTarget>,
    overrides: &Overrides,
) -> Result<Response> {
    let served = Served { profile: tenant.profile(), tenant: Some((tenant, overrides)) };
    serve(service, caller, request, target, served).await
}

/// How a request is served.
struct Served<'a> {
    profile: Profile,
    /// The tenant of the test twin, and what is different there.
    tenant: Option<(&'a Tenant, &'a Overrides)>,
}

async fn serve(
    service: &Service,
    caller: &Caller,
    request: &Request,
    target: Result<ProtectedTarget>,
    Served { profile, tenant }: Served<'_>,
) -> Result<Response> {
    let (tenant, overrides) = tenant.unzip();
    match target?.with(request.method)? {
        Task::Operation(operation) => {
            let _use = enter(tenant, request).await?;
            graph::answer(service, profile, caller, request, operation, overrides).await
        }
        Task::Policy(address) => {
            let _use = enter(tenant, request).await?;
            retention::answer(service, profile, caller, request, &address).await
        }
        Task::Batch(version) => batch::answer(service, request, version).await,
    }
}

/// Notes that a request uses a tenant of the test twin, until the value is dropped.
async fn enter(tenant: Option<&Tenant>, request: &Request) -> Result<Option<impl Drop + use<>>> {
    let Some(tenant) = tenant else { return Ok(None) };
    let entered = tenant.enter().await?;
    if request.method != Method::Get {
        tenant.note_change();
    }
    Ok(Some(entered))
}

fn reply_publicly(service: &Service, request: &Request, target: PublicTarget) -> Result<Response> {
    match target.with(request.method)? {
        PublicTarget::Description(description) => {
            describe::answer(request, description, service.surface, service.profile)
        }
        PublicTarget::Health(check) => Ok(health::answer(service, check)),
        // OPTIONS, the only method of the server as a whole, was answered before.
        PublicTarget::Server => Ok(health::answer(service, HealthCheck::Live)),
    }
}
