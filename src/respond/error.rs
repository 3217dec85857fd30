//! An error as Graph prints it: `{"error":{"code","message","innerError"}}`.

use bytes::Bytes;
use chrono::Utc;
use serde_json::json;

use crate::error::Error;
use crate::message::{Method, Request, Response};

/// The reply to a request that failed. The cause stays here: it goes to the log, under the
/// request's id.
#[must_use]
pub fn error(request: &Request, error: &Error) -> Response {
    if let (Error::MethodNotAllowed { allow }, Method::Options) = (error, request.method) {
        // Just what was asked.
        let headers = vec![("Allow".into(), format!("{allow}, OPTIONS"))];
        return Response { status: 204, headers, body: Bytes::new() };
    }
    let (status, code, message) = error.describe();
    log(request, error, status);
    let mut inner = json!({
        "date": Utc::now().format("%Y-%m-%dT%H:%M:%S").to_string(),
        "request-id": request.id.to_string(),
        "client-request-id": request.client_id,
    });
    if let Error::Forbidden { accepted, held, .. } = error {
        inner["acceptedPermissions"] = json!(accepted);
        inner["heldPermissions"] = json!(held);
    }
    let body = json!({ "error": { "code": code, "message": message, "innerError": inner } });
    let mut headers = vec![("Content-Type".into(), "application/json".into())];
    headers.extend(header(error).map(|(name, value)| (name.into(), value)));
    Response { status, headers, body: body.to_string().into() }
}

/// The header that a status asks for.
fn header(error: &Error) -> Option<(&'static str, String)> {
    match error {
        Error::TokenMissing => Some(("WWW-Authenticate", "Bearer realm=\"\"".into())),
        Error::TokenRefused(_) => {
            Some(("WWW-Authenticate", "Bearer realm=\"\", error=\"invalid_token\"".into()))
        }
        Error::MethodNotAllowed { allow } => Some(("Allow", allow.clone())),
        Error::ContentCoded => Some(("Accept-Encoding", "identity".into())),
        Error::Unavailable { retry_after, .. } => Some(("Retry-After", retry_after.to_string())),
        Error::Logged(error) => header(error),
        _ => None,
    }
}

fn log(request: &Request, error: &Error, status: u16) {
    let id = request.id;
    match error {
        Error::Internal(cause) => tracing::error!(%id, status, cause, "request failed"),
        Error::Unavailable { cause, .. } => tracing::warn!(%id, status, cause, "database failed"),
        Error::Logged(_) => tracing::debug!(%id, status, "failed with others"),
        Error::TokenRefused(reason) => tracing::info!(%id, status, reason, "token refused"),
        _ => {}
    }
}
