//! Which pages' scripts a browser lets use the API: those of the configured origins, and of no
//! other. Without any, no reply says a word of this.

use crate::message::{Body, Headers, Method, Request, Response};

/// The headers of replies that a page's script may read besides those that it always may.
const EXPOSED: &str = "ETag, Location, OData-EntityId, OData-Version, Preference-Applied, \
                       Idempotency-Replayed, Retry-After, Server-Timing, WWW-Authenticate, Allow, \
                       Accept-Encoding, request-id, client-request-id";
/// The verbs that a page's script may use.
const METHODS: &str = "GET, HEAD, POST, PATCH, PUT, DELETE";
/// For how long a browser may remember that it may ask, in seconds.
const MAX_AGE: &str = "7200";

/// The reply to a browser that asks whether it may send a request; `None` where none asks.
pub(super) fn preflight(origins: &[String], request: &Request) -> Option<Response> {
    let headers = &request.headers;
    let asks = request.method == Method::Options
        && headers.get("access-control-request-method").is_some()
        && allowed(origins, headers).is_some();
    asks.then(|| {
        let mut answer = vec![
            ("Access-Control-Allow-Methods".into(), METHODS.to_owned()),
            ("Access-Control-Max-Age".into(), MAX_AGE.to_owned()),
        ];
        // Which headers there are, each of them says by how it is answered; none is a secret.
        if let Some(asked) = headers.get("access-control-request-headers") {
            answer.push(("Access-Control-Allow-Headers".into(), asked.to_owned()));
        }
        Response { status: 204, headers: answer, body: Body::empty() }
    })
}

/// Adds to a reply what lets the page that asked read it.
pub(super) fn share(origins: &[String], request: &Request, response: &mut Response) {
    if origins.is_empty() {
        return;
    }
    // Also where the origin is another: the reply would differ for one of these.
    response.headers.push(("Vary".into(), "Origin".into()));
    if let Some(origin) = allowed(origins, &request.headers) {
        response.headers.push(("Access-Control-Allow-Origin".into(), origin.to_owned()));
        response.headers.push(("Access-Control-Expose-Headers".into(), EXPOSED.to_owned()));
    }
}

/// The origin of the page that asks, if it is one of these.
fn allowed<'a>(origins: &[String], headers: &'a Headers) -> Option<&'a str> {
    headers.get("origin").filter(|origin| origins.iter().any(|allowed| allowed == origin))
}
