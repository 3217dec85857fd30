//! Which web pages may read the replies of the local issuer (CORS). Documents: all. Tokens: pages of
//! this machine, and those at an address to which the client may be redirected as a page. The pages of
//! the issuer itself: none. This is apart from the origins that may use the API.

use url::Url;
use uuid::Uuid;

use super::find_tenant;
use super::target::Target;
use crate::loopback::is_loopback;
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

/// Adds what lets a page read the reply. `client` is the client id of the request.
pub(super) async fn share(
    sign_in: &SignIn,
    request: &Request,
    target: &Target,
    client: Option<&str>,
    response: &mut Response,
) {
    if is_preflight(request) || target.endpoint.is_page() {
        return;
    }
    if target.endpoint.is_document() {
        response.headers.push(("Access-Control-Allow-Origin".into(), "*".to_owned()));
        return;
    }
    response.headers.push(("Vary".into(), "Origin".to_owned()));
    let Some(origin) = request.headers.get("origin") else { return };
    if is_of_this_machine(origin) || is_page_of_client(sign_in, target, client, origin).await {
        response.headers.push(("Access-Control-Allow-Origin".into(), origin.to_owned()));
    }
}

/// Whether the client may be redirected to a page of this origin. Not if there is no such client: its
/// reply is an error then.
async fn is_page_of_client(
    sign_in: &SignIn,
    target: &Target,
    client: Option<&str>,
    origin: &str,
) -> bool {
    let Some(id) = client.and_then(|id| Uuid::try_parse(id).ok()) else { return false };
    let Ok(tenant) = find_tenant(sign_in, target).await else { return false };
    let Ok(Some(application)) = sign_in.directory.application(tenant, id).await else {
        return false;
    };
    let mut pages = application.spa_redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok());
    pages.any(|page| page.origin().is_tuple() && page.origin().ascii_serialization() == origin)
}

/// Whether an origin is of this machine: `http://localhost:3000`.
fn is_of_this_machine(origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    url.origin().ascii_serialization() == origin && is_loopback(&url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_have_a_loopback_origin() {
        for origin in ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173"] {
            assert!(is_of_this_machine(origin), "{origin}");
        }
        for origin in [
            "null",
            "localhost",
            "http://localhost.example.com",
            "http://localhost:3000/",
            "https://example.com",
            "http://user@localhost",
        ] {
            assert!(!is_of_this_machine(origin), "{origin}");
        }
    }
}
