//! An error as Graph prints it: `{"error":{"code","message","innerError"}}`. Prints the row of the
//! error; which status, headers and log entry that is, `error` decides.

use serde_json::{Value as Json, json};

use crate::error::{Detail, Error, Level, Log, Row};
use crate::message::{Request, Response};

/// The reply to a request that failed. The cause of the failure is logged, under the request's id,
/// and not sent.
#[must_use]
pub fn error(request: &Request, error: &Error) -> Response {
    let Row { status, code, message, headers, details, log } = error.row();
    if let Some(log) = log {
        write_log(request, status, &log);
    }
    let mut inner = inner_error(request);
    for (name, detail) in details {
        inner[name] = match detail {
            Detail::Text(text) => text.into(),
            Detail::Texts(texts) => texts.into(),
        };
    }
    let mut response = reply(status, code, &message, &inner);
    response.headers.extend(headers.into_iter().map(|(name, value)| (name.into(), value)));
    response
}

/// The reply to a request that fails because a test wants it so.
#[must_use]
pub fn made_error(request: &Request, status: u16, code: &str, message: &str) -> Response {
    reply(status, code, message, &inner_error(request))
}

fn reply(status: u16, code: &str, message: &str, inner: &Json) -> Response {
    let body = json!({ "error": { "code": code, "message": message, "innerError": inner } });
    let headers = vec![("Content-Type".into(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string().into() }
}

fn inner_error(request: &Request) -> Json {
    json!({
        "date": request.clock.now().format("%Y-%m-%dT%H:%M:%S").to_string(),
        "request-id": request.id.to_string(),
        "client-request-id": request.client_id,
    })
}

/// Logs why a request failed.
pub fn write_log(request: &Request, status: u16, log: &Log) {
    let id = request.id;
    let Log { level, event, cause } = log;
    match level {
        Level::Error => tracing::error!(%id, status, cause, "{event}"),
        Level::Warn => tracing::warn!(%id, status, cause, "{event}"),
        Level::Info => tracing::info!(%id, status, cause, "{event}"),
        Level::Debug => tracing::debug!(%id, status, cause, "{event}"),
    }
}
