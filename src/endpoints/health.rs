//! `/health`: whether the server can serve. Needs no token, tells no details.

use crate::message::Response;
use crate::service::Service;

/// Seconds after which a client may ask again.
const RETRY_AFTER: &str = "1";

/// The state of the server as plain text, for load balancers and service managers.
pub(super) fn answer(service: &Service) -> Response {
    let (status, text) = match service.is_stopping() {
        true => (503, "the server is about to stop"),
        false if service.store.is_available() => (200, "ok"),
        false => (503, "the database does not answer"),
    };
    let mut headers = vec![("Content-Type".into(), "text/plain; charset=utf-8".into())];
    if status == 503 {
        headers.push(("Retry-After".into(), RETRY_AFTER.into()));
    }
    Response { status, headers, body: text.into() }
}
