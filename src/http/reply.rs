//! [`Response`] → the reply that actix sends, with the headers that every reply has.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::BodyStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};

use strict_http1::{AfterReply, UnfinishedReply};

use super::body::ReplyBody;
use super::break_off::BreakOff;
use super::broken::BrokenBody;
use crate::message::{Body, Request, Response};
use crate::respond;

/// Nothing is cached: replies belong to one caller and change. Clients revalidate by `ETag`.
const CACHING: HeaderValue = HeaderValue::from_static("no-store");
/// A browser uses the `Content-Type` and does not guess another one from the content.
const SNIFFING: HeaderValue = HeaderValue::from_static("nosniff");
/// A browser that shows a reply as a page loads nothing else, and shows it in no frame.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// How long a browser that used https must use https again: a year.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The reply with the content of a response; `requires_https`: whether browsers are to use https.
/// `break_off` finds how to end the connection of a broken reply.
pub(super) fn reply(
    request: &Request,
    response: Response,
    unfinished: Option<UnfinishedReply>,
    after: AfterReply,
    requires_https: bool,
    break_off: impl FnOnce() -> Option<Arc<BreakOff>>,
) -> HttpResponse {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = HttpResponse::build(status);
    for header in respond::common_headers(request) {
        reply.insert_header(header);
    }
    reply.insert_header((CACHE_CONTROL, CACHING));
    reply.insert_header((X_CONTENT_TYPE_OPTIONS, SNIFFING));
    reply.insert_header((CONTENT_SECURITY_POLICY, POLICY));
    if requires_https {
        reply.insert_header((STRICT_TRANSPORT_SECURITY, TRANSPORT));
    }
    for (name, value) in response.headers {
        match &*name {
            // Each part of the program that chooses a form of the reply adds what it looked at.
            "Vary" => reply.append_header((VARY, value)),
            _ => reply.insert_header((&*name, value)),
        };
    }
    if after == AfterReply::Close {
        reply.force_close();
    }
    match response.body {
        Body::Whole(body) => reply.body(ReplyBody::new(body, unfinished)),
        Body::Broken(content, delivery) => {
            let body = BrokenBody::new(content, delivery, break_off());
            reply.body(ReplyBody::new(body, unfinished))
        }
        Body::Stream(pieces) => reply.body(ReplyBody::new(BodyStream::new(pieces), unfinished)),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use futures_util::{StreamExt, stream};

    use super::*;

    #[tokio::test]
    async fn a_stream_is_sent_piece_by_piece() {
        let request = Request::example();
        let pieces = stream::iter(["one ", "two"]).map(|piece| Ok(piece.into()));
        let body = Body::Stream(Box::pin(pieces));
        let response = Response { status: 200, headers: Vec::new(), body };
        let reply = reply(&request, response, None, AfterReply::KeepAlive, false, || None);
        assert_eq!(to_bytes(reply.into_body()).await.unwrap(), "one two");
    }
}
