//! The replies of the local issuer: JSON, and errors in Entra's form. Which status an error has,
//! `error` decides.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::form::Form;
use crate::error::{Error, Row};
use crate::message::{Body, Method, Request, Response};
use crate::respond;

/// Where Entra explains the numbers of errors.
const EXPLANATIONS: &str = "https://login.microsoftonline.com/error";
/// The number of a request with a method that the endpoint does not have.
const METHOD_NOT_ALLOWED: u32 = 900_561;
/// The number of a request that is not well-formed, or too large.
const INVALID_INPUT: u32 = 90_013;
/// The number of a request that the server cannot answer now.
const UNAVAILABLE: u32 = 90_033;
/// The number of a failure of the server.
const FAILED: u32 = 90_000;

/// A reply with JSON, which nobody keeps.
pub(super) fn json(body: &Json) -> Response {
    let content_type = ("Content-Type".into(), "application/json; charset=utf-8".into());
    Response { status: 200, headers: vec![content_type], body: body.to_string().into() }
}

/// A document without secrets, which may be kept for an hour.
pub(super) fn document(body: &Json) -> Response {
    let mut response = json(body);
    response.headers.push(("Cache-Control".into(), "public, max-age=3600".into()));
    response
}

/// Leads a browser to another address, with GET in any case (RFC 9700, section 4.12).
pub(super) fn redirect(address: &str) -> Response {
    let headers = [("Location", address), ("Referrer-Policy", "no-referrer")];
    let headers = headers.map(|(name, value)| (name.into(), value.to_owned())).to_vec();
    Response { status: 303, headers, body: Body::empty() }
}

/// An error as Entra prints it. The cause of a failure is logged, and not sent.
pub(super) fn error(request: &Request, form: &Form, error: &Error) -> Response {
    let Row { status, code, message, headers, log, .. } = error.row();
    if let Some(log) = log {
        respond::write_log(request, status, &log);
    }
    let (code, number, message) = match error {
        Error::SignIn(reason) => (code, reason.code().1, message),
        Error::MethodNotAllowed { .. } => ("invalid_request", METHOD_NOT_ALLOWED, {
            format!("AADSTS{METHOD_NOT_ALLOWED}: The endpoint does not have this method.")
        }),
        error if error.is_unavailable() => {
            ("temporarily_unavailable", UNAVAILABLE, format!("AADSTS{UNAVAILABLE}: {message}"))
        }
        _ if status < 500 => {
            ("invalid_request", INVALID_INPUT, format!("AADSTS{INVALID_INPUT}: {message}"))
        }
        _ => ("server_error", FAILED, format!("AADSTS{FAILED}: {message}")),
    };
    let (trace, correlation) = (request.id, correlation_id(request, form));
    let timestamp = request.clock.now().format("%Y-%m-%d %H:%M:%SZ").to_string();
    let description = format!(
        "{message}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}"
    );
    let mut body = json!({
        "error": code,
        "error_description": description,
        "error_codes": [number],
        "timestamp": timestamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("{EXPLANATIONS}?code={number}"),
    });
    if let Error::SignIn(reason) = error
        && let Some(suberror) = reason.suberror()
    {
        body["suberror"] = suberror.into();
    }
    let mut response = Response { status, ..json(&body) };
    response.headers.extend(headers.into_iter().map(|(name, value)| (name.into(), value)));
    // Only to a client that used it (RFC 6749, section 5.2): a challenge hides the body from others.
    if status == 401 && is_basic(request) {
        response.headers.push(("WWW-Authenticate".into(), "Basic realm=\"runstate\"".into()));
    }
    response
}

/// The reply to OPTIONS.
pub(super) fn options(methods: &[Method]) -> Response {
    let allow = ("Allow".into(), allow(methods));
    Response { status: 204, headers: vec![allow], body: Body::empty() }
}

/// Methods as an `Allow` header lists them.
pub(super) fn allow(methods: &[Method]) -> String {
    let methods = methods.iter().chain([&Method::Options]);
    methods.map(|method| method.names()).collect::<Vec<_>>().join(", ")
}

/// Whether the client authenticated by HTTP Basic.
fn is_basic(request: &Request) -> bool {
    let scheme = request.headers.get("authorization").and_then(|it| it.split(' ').next());
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
}

/// The GUID that the client gave the request, in a header or in the form; else that of the request.
fn correlation_id(request: &Request, form: &Form) -> Uuid {
    let of_form = form.get("client-request-id").ok().flatten();
    let given = [request.headers.get("client-request-id"), of_form].into_iter().flatten();
    given.filter_map(|id| Uuid::try_parse(id).ok()).next().unwrap_or(request.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_server_has_entras_form_and_names_no_cause() {
        let cause = || "a cause".to_owned();
        let unavailable = Error::Unavailable { retry_after: 7, cause: cause() };
        for (failure, status, code, number) in [
            (unavailable, 503, "temporarily_unavailable", UNAVAILABLE),
            (Error::Internal(cause()), 500, "server_error", FAILED),
            (Error::Bug("a cause"), 500, "server_error", FAILED),
        ] {
            let response = error(&Request::example(), &Form::default(), &failure);
            let Body::Whole(body) = &response.body else { panic!("the error is streamed") };
            assert!(!String::from_utf8_lossy(body).contains("a cause"));
            let body: Json = serde_json::from_slice(body).unwrap();
            assert_eq!((response.status, &body["error"]), (status, &code.into()));
            assert_eq!(body["error_codes"], json!([number]));
            let page = format!("https://login.microsoftonline.com/error?code={number}");
            assert_eq!(body["error_uri"], page);
            let retry = response.headers.iter().find(|(name, _)| name == "Retry-After");
            assert_eq!(retry.map(|(_, value)| value.as_str()), (status == 503).then_some("7"));
        }
    }
}
