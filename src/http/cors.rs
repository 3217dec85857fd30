//! Cross-origin requests (CORS): a browser lets scripts of the configured origins read replies. If no
//! origin is configured, replies have no CORS headers.

use crate::message::{Body, Headers, Method, Request, Response};

/// The headers of replies that a script of another origin may read, besides those that it always may.
const EXPOSED: &str = "ETag, Location, OData-EntityId, OData-Version, Preference-Applied, \
                       Idempotency-Replayed, Retry-After, Server-Timing, WWW-Authenticate, Allow, \
                       Accept-Encoding, request-id, client-request-id";
/// The methods that a script of another origin may use.
const METHODS: &str = "GET, HEAD, POST, PATCH, PUT, DELETE";
/// How long a browser may keep the reply to a preflight request, in seconds.
const MAX_AGE: &str = "7200";

/// The reply to a preflight request; `None` for any other request.
pub(super) fn preflight(origins: &[String], request: &Request) -> Option<Response> {
    let headers = &request.headers;
    let is_preflight = request.method == Method::Options
        && headers.get("access-control-request-method").is_some()
        && allowed_origin(origins, headers).is_some();
    is_preflight.then(|| {
        let mut allowing = vec![
            ("Access-Control-Allow-Methods".into(), METHODS.to_owned()),
            ("Access-Control-Max-Age".into(), MAX_AGE.to_owned()),
        ];
        // Each header is allowed: no name of a header is secret, and the endpoint refuses a header that it
        // does not support.
        if let Some(asked) = headers.get("access-control-request-headers") {
            allowing.push(("Access-Control-Allow-Headers".into(), asked.to_owned()));
        }
        Response { status: 204, headers: allowing, body: Body::empty() }
    })
}

/// Adds the CORS headers to a reply.
pub(super) fn add_headers(origins: &[String], request: &Request, response: &mut Response) {
    if origins.is_empty() {
        return;
    }
    // Also for another origin, because the reply to an allowed origin differs.
    response.headers.push(("Vary".into(), "Origin".into()));
    if let Some(origin) = allowed_origin(origins, &request.headers) {
        response.headers.push(("Access-Control-Allow-Origin".into(), origin.to_owned()));
        response.headers.push(("Access-Control-Expose-Headers".into(), EXPOSED.to_owned()));
    }
}

/// The origin of the request, if it is one of these.
fn allowed_origin<'a>(origins: &[String], headers: &'a Headers) -> Option<&'a str> {
    headers.get("origin").filter(|origin| origins.iter().any(|allowed| allowed == origin))
}
