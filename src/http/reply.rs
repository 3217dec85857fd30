//! A reply as actix sends it, with the headers that every reply has.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::message::{Request, Response};

/// For how long a browser that came by https comes back by https only: a year.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

static REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
static CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// Starts the HTTP reply with what is in a response; what is left is how its connection goes on.
pub(super) fn start(request: &Request, response: &Response, is_https: bool) -> HttpResponseBuilder {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = HttpResponse::build(status);
    reply.insert_header((REQUEST_ID.clone(), request.id.to_string()));
    reply.insert_header((CLIENT_REQUEST_ID.clone(), request.client_id.as_str()));
    // What is read here is somebody's own, and changes; a client keeps it by its ETag.
    reply.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    reply.insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    reply.insert_header((CONTENT_SECURITY_POLICY, policy));
    if is_https {
        reply.insert_header((STRICT_TRANSPORT_SECURITY, TRANSPORT));
    }
    for (name, value) in &response.headers {
        reply.insert_header((&**name, value.as_str()));
    }
    reply
}
