//! The checks of health: whether the server lives, serves and is ready. They need no token, and tell
//! no details.

use crate::message::Response;
use crate::route::HealthCheck;
use crate::service::Service;
use crate::store::Condition;

/// Seconds after which a client may ask again.
const RETRY_AFTER: &str = "1";
/// Why nothing is served before there is a service.
const STARTING: &str =
    "the server is starting: it opens the database and brings the schema up to date";

/// The result of a check as plain text, for load balancers and service managers.
pub(super) fn answer(service: &Service, check: HealthCheck) -> Response {
    response(match check {
        HealthCheck::Live => None,
        HealthCheck::Serving => not_serving(service),
        HealthCheck::Ready => not_serving(service).or_else(|| not_complete(service)),
    })
}

/// The result of a check while the server has no service.
pub(super) fn answer_while_starting(check: HealthCheck) -> Response {
    response(match check {
        HealthCheck::Live => None,
        HealthCheck::Serving | HealthCheck::Ready => Some(STARTING),
    })
}

fn response(problem: Option<&'static str>) -> Response {
    let (status, text) = problem.map_or((200, "ok"), |problem| (503, problem));
    let mut headers = vec![("Content-Type".into(), "text/plain; charset=utf-8".into())];
    if status == 503 {
        headers.push(("Retry-After".into(), RETRY_AFTER.into()));
    }
    Response { status, headers, body: text.into() }
}

/// Why requests are not answered, or will not be for long.
fn not_serving(service: &Service) -> Option<&'static str> {
    match service.is_stopping() {
        true => Some("the server is about to stop"),
        false if service.store.is_available() => None,
        false => Some("the database does not answer"),
    }
}

/// Why some requests cannot succeed, although the database answers.
fn not_complete(service: &Service) -> Option<&'static str> {
    match service.store.condition() {
        Condition::Complete => None,
        Condition::ReadOnly => {
            Some("the database is read-only, as a standby is: reads are served, writes are refused")
        }
        Condition::SchemaOutdated => {
            Some("the database's schema is not that of this version: run `runstate migrate`")
        }
    }
}
