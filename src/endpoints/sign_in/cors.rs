//! Which web pages may read the replies of the local issuer (CORS). Documents: all. Tokens: pages of
//! this machine, and those at an address to which the client may be redirected as a page. This is apart
//! from the origins that may use the API.

use std::net::IpAddr;

use url::{Host, Url};
use uuid::Uuid;

use super::form::Form;
use super::target::{Endpoint, Target};
use crate::message::{Body, Method, Request, Response};
use crate::service::SignIn;

/// For how long a browser may remember the reply to a preflight, in seconds.
const PREFLIGHT_AGE: &str = "7200";

pub(super) fn is_preflight(request: &Request) -> bool {
    request.method == Method::Options
        && request.headers.get("origin").is_some()
        && request.headers.get("access-control-request-method").is_some()
}

/// The reply to a preflight. It names no client, so each origin may send its request; whether it may
/// read the reply, the reply says.
pub(super) fn preflight(request: &Request, methods: &[Method]) -> Response {
    let origin = request.headers.get("origin").unwrap_or_default().to_owned();
    let methods: Vec<&str> = methods.iter().map(|method| method.names()).collect();
    let mut headers = vec![
        ("Access-Control-Allow-Origin".into(), origin),
        ("Access-Control-Allow-Methods".into(), methods.join(", ")),
        ("Access-Control-Max-Age".into(), PREFLIGHT_AGE.to_owned()),
        ("Vary".into(), "Origin".to_owned()),
    ];
    if let Some(asked) = request.headers.get("access-control-request-headers") {
        headers.push(("Access-Control-Allow-Headers".into(), asked.to_owned()));
    }
    Response { status: 204, headers, body: Body::empty() }
}

/// The origins of the pages to which the client of a form may be redirected. None if there is no such
/// client; its reply is an error then.
pub(super) async fn origins_of(sign_in: &SignIn, target: &Target, form: &Form) -> Vec<String> {
    let id = form.get("client_id").ok().flatten().and_then(|id| Uuid::try_parse(id).ok());
    let Some(id) = id else { return Vec::new() };
    let Ok(Some(tenant)) = sign_in.directory.tenant(&target.tenant).await else {
        return Vec::new();
    };
    let Ok(Some(application)) = sign_in.directory.application(tenant, id).await else {
        return Vec::new();
    };
    let redirects = application.spa_redirect_uris.iter();
    let origins = redirects.filter_map(|it| Some(Url::parse(it).ok()?.origin()));
    origins.map(|origin| origin.ascii_serialization()).collect()
}

/// Adds what lets a page read the reply.
pub(super) fn share(
    request: &Request,
    endpoint: &Endpoint,
    origins: &[String],
    response: &mut Response,
) {
    let allowed = match request.headers.get("origin") {
        _ if is_preflight(request) => return,
        _ if endpoint.is_document() => Some("*"),
        Some(origin) if is_loopback(origin) || origins.iter().any(|it| it == origin) => {
            Some(origin)
        }
        _ => None,
    };
    if let Some(allowed) = allowed {
        response.headers.push(("Access-Control-Allow-Origin".into(), allowed.to_owned()));
    }
    if !endpoint.is_document() {
        response.headers.push(("Vary".into(), "Origin".into()));
    }
}

/// Whether an origin is of this machine: `http://localhost:3000`.
fn is_loopback(origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    let is_origin = url.origin().ascii_serialization() == origin;
    is_origin
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_have_a_loopback_origin() {
        for origin in ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173"] {
            assert!(is_loopback(origin), "{origin}");
        }
        for origin in [
            "null",
            "localhost",
            "http://localhost.example.com",
            "http://localhost:3000/",
            "https://example.com",
            "http://user@localhost",
        ] {
            assert!(!is_loopback(origin), "{origin}");
        }
    }
}
