//! An actix request → [`Request`] → reply. Reads the body, finds the base URL of links, catches
//! panics, and decides whether the connection closes.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use actix_server::GracefulShutdownSignal;
use actix_web::http::header::HeaderValue;
use actix_web::http::uri::Authority;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::FutureExt;
use strict_http1::{AfterReply, Connection};
use uuid::Uuid;

use super::break_off::BreakOff;
use super::limits::MAX_UNAUTHENTICATED_BODY;
use super::listening::Content;
use super::transport::Encryption;
use super::{broken, cors, refusal, reply, starting};
use crate::endpoints;
use crate::error::{Error, Result};
use crate::message::{Body, Headers, Method, NO_ADDRESS, Request, Response};
use crate::proxies::{Client, TrustedProxies};
use crate::respond;
use crate::service::{Service, ServiceSlot};

/// The data that all handlers share.
pub(super) struct AppData {
    /// The service, which answers requests, once it is there.
    pub(super) service: ServiceSlot,
    /// Tells that the server stops.
    pub(super) stopping: GracefulShutdownSignal,
    /// The listening address: the base of links if the client sends no host.
    pub(super) address: SocketAddr,
    /// How the listener's clients encrypt.
    pub(super) encryption: Encryption,
    /// What the listener serves.
    pub(super) content: Content,
    /// The configured base of links, instead of the host that the client used.
    pub(super) public_url: Option<String>,
    /// The proxies that are trusted to name the client.
    pub(super) proxies: TrustedProxies,
    /// Whether browsers are told to use https alone from now on.
    pub(super) requires_https: bool,
    /// The origins whose pages may use the API.
    pub(super) origins: Vec<String>,
}

/// Answers a request.
pub(super) async fn answer(
    head: HttpRequest,
    payload: web::Payload,
    app: web::Data<AppData>,
) -> HttpResponse {
    let start = Instant::now();
    let service = match app.service.get() {
        Some(service) => service,
        None => match Box::pin(starting::wait(&head, &app)).await {
            Ok(service) => service,
            Err(reply) => return reply,
        },
    };
    let connection = head.conn_data::<Arc<Connection>>();
    let mut request = request(&head, &app, Some(service));
    let received = match head.conn_data::<Encryption>() {
        Some(&encryption) if encryption != app.encryption => {
            Err(Error::TlsMissing(https_base(connection, &request, &app)))
        }
        _ => receive(service, connection, payload, &request).await,
    };
    let is_refused = received.is_err();
    let response = match received {
        Ok(body) => {
            request.body = body;
            outcome(&request, attempt(service, &app, &request)).await
        }
        Err(error) => endpoints::refuse(service, &request, &error),
    };
    let after = match is_refused || service.is_stopping() {
        true => AfterReply::Close,
        false => AfterReply::KeepAlive,
    };
    let Request { id, path, .. } = &request;
    let (method, status) = (head.method().as_str(), response.status);
    tracing::debug!(%id, method, path, status, elapsed = ?start.elapsed(), "answered");
    if let Body::Broken(_, delivery) = response.body {
        broken::wait(delivery).await;
    }
    finish(&head, &app, &request, response, after)
}

/// The reply that actix sends.
pub(super) fn finish(
    head: &HttpRequest,
    app: &AppData,
    request: &Request,
    mut response: Response,
    after: AfterReply,
) -> HttpResponse {
    cors::add_headers(&app.origins, request, &mut response);
    let connection = head.conn_data::<Arc<Connection>>();
    let unfinished = connection.map(|connection| connection.unfinished_reply(after));
    let break_off = || head.conn_data::<Arc<BreakOff>>().map(Arc::clone);
    reply::reply(request, response, unfinished, after, app.requires_https, break_off)
}

/// The base URL for a client that sends without TLS what should be sent with it. What is not HTTP has
/// no host.
fn https_base(connection: Option<&Arc<Connection>>, request: &Request, app: &AppData) -> String {
    match connection.and_then(|connection| connection.take_refusal()) {
        Some(_) => format!("{}://{}", app.encryption.scheme(), app.address),
        None => request.base.clone(),
    }
}

/// The body, unless the request cannot be received.
async fn receive(
    service: &Service,
    connection: Option<&Arc<Connection>>,
    payload: web::Payload,
    request: &Request,
) -> Result<Bytes> {
    let refusal = || Some(refusal::error(&connection?.take_refusal()?));
    match refusal() {
        Some(error) => Err(error),
        None => body(service, payload, request).await.map_err(|error| refusal().unwrap_or(error)),
    }
}

/// The whole body, whose size and time the strict stream limits.
async fn body(service: &Service, mut payload: web::Payload, request: &Request) -> Result<Bytes> {
    let mut next = async || {
        let chunk = poll_fn(|context| Pin::new(&mut payload).poll_next(context)).await.transpose();
        chunk.map_err(|error| Error::BodyUnreadable(error.to_string()))
    };
    let (mut body, mut is_known) = (BytesMut::new(), false);
    while let Some(chunk) = next().await? {
        if !is_known && body.len() + chunk.len() > MAX_UNAUTHENTICATED_BODY {
            endpoints::check_large_body(service, request, MAX_UNAUTHENTICATED_BODY).await?;
            is_known = true;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

async fn attempt(service: &Service, app: &AppData, request: &Request) -> Response {
    if app.content == Content::Metrics {
        return endpoints::answer_metrics(service, request);
    }
    match cors::preflight(&app.origins, request) {
        Some(response) => response,
        None => endpoints::answer(service, request).await,
    }
}

/// The reply to a request, or an error if answering it panics. The client does not learn the text
/// of the panic.
fn outcome(
    request: &Request,
    attempt: impl Future<Output = Response>,
) -> impl Future<Output = Response> {
    let panicked = |_| respond::error(request, &Error::Bug("answering the request panicked"));
    // An `async fn` would have room for the attempt twice, and each request moves all of it.
    AssertUnwindSafe(attempt).catch_unwind().map(move |caught| caught.unwrap_or_else(panicked))
}

/// The text of a header. A value that is not UTF-8 must not count as absent.
fn text(value: &HeaderValue) -> String {
    let plain = value.to_str().map(str::to_owned);
    plain.unwrap_or_else(|_| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The request without its body.
pub(super) fn request(head: &HttpRequest, app: &AppData, service: Option<&Service>) -> Request {
    let headers = head.headers().iter();
    let headers: Headers = headers.map(|(name, value)| (name.as_str(), text(value))).collect();
    let path = without_doubled_slashes(head.uri().path());
    let clock = endpoints::clock(service, &path, &headers);
    let id = clock.request_id().unwrap_or_else(Uuid::new_v4);
    let peer = head.peer_addr().map_or(NO_ADDRESS, |address| address.ip());
    let client = app.proxies.client(peer, &headers);
    Request {
        id,
        client_id: headers.client_request_id(id).unwrap_or_else(|| id.to_string()),
        method: method(head),
        path,
        query: head.uri().query().unwrap_or_default().to_owned(),
        headers,
        body: Bytes::new(),
        base: app.public_url.clone().unwrap_or_else(|| base(head, app, &client)),
        address: client.address,
        item: None,
        clock,
    }
}

/// Several slashes count as one. The SDK of Graph for Python sends two after the version, and msal two
/// after the tenant.
fn without_doubled_slashes(path: &str) -> String {
    let mut single = String::with_capacity(path.len());
    for part in path.split_inclusive('/') {
        if part != "/" || single.is_empty() {
            single += part;
        }
    }
    single
}

fn method(head: &HttpRequest) -> Method {
    match head.method().as_str() {
        // actix omits the body of the reply to a HEAD.
        "GET" | "HEAD" => Method::Get,
        "POST" => Method::Post,
        "PATCH" => Method::Patch,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        _ => Method::Other,
    }
}

/// The base URL that the client used, by the word of a trusted proxy, its `Host` header or its target;
/// else the listening address.
fn base(head: &HttpRequest, app: &AppData, client: &Client) -> String {
    let scheme = client.scheme.unwrap_or(app.encryption.scheme());
    let address = app.address;
    let host = head.headers().get("host").and_then(|host| host.to_str().ok());
    match client.host.as_deref().or(host).or_else(|| head.uri().authority().map(Authority::as_str))
    {
        Some(host) => format!("{scheme}://{host}"),
        None => format!("{scheme}://{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_of_ours() {
        let request = Request::example();
        let response = outcome(&request, async { panic!("a secret") }).await;
        assert_eq!(response.status, 500);
        let body = format!("{:?}", response.body);
        assert!(body.contains("InternalServerError") && !body.contains("secret"), "{body}");
    }
}
