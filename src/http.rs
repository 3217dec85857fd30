//! Bytes to [`Request`], [`Response`] to bytes. The only room that knows actix: limits, the request
//! ids, the base on which links stand.

use std::future::{Future, poll_fn};
use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev, web};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use uuid::Uuid;

use crate::batch;
use crate::error::{Error, Result};
use crate::message::{Headers, Method, Request, Response};
use crate::respond;
use crate::service::Service;

/// The largest request body, in bytes.
pub const MAX_BODY: usize = 4 * 1024 * 1024;
/// How long a connection may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request's body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests that are under way may take once the server is told to stop, in seconds.
const SHUTDOWN_TIMEOUT: u64 = 15;
/// When whoever asks for the server's health may do so again, in seconds.
const RETRY_AFTER: &str = "1";

/// What each worker shares.
struct Door {
    service: Arc<Service>,
    public_url: Option<String>,
    /// Whether the server has been told to stop.
    leaving: Arc<AtomicBool>,
}

/// Serves on a listener until `stop` is over. For the time that it names everything is answered as
/// before, but each reply closes its connection and `/health` says that the server leaves, so that
/// new requests go elsewhere; then requests under way are answered, and no others.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    public_url: Option<String>,
    workers: usize,
    stop: impl Future<Output = Duration> + Send + 'static,
) -> io::Result<dev::Server> {
    let leaving = Arc::new(AtomicBool::new(false));
    let door = web::Data::new(Door { service, public_url, leaving: Arc::clone(&leaving) });
    let stop = async move {
        let notice = stop.await;
        leaving.store(true, Ordering::Relaxed);
        tokio::time::sleep(notice).await;
    };
    let app = move || {
        App::new()
            .app_data(door.clone())
            .route("/health", web::get().to(health))
            .route("/health", web::head().to(health))
            .default_service(web::to(answer))
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(SHUTDOWN_TIMEOUT)
        .shutdown_signal(stop)
        .listen(listener)?;
    Ok(server.run())
}

/// Whether the server can serve, for whoever watches over it: no token, no details.
async fn health(door: web::Data<Door>) -> HttpResponse {
    let cause = match door.leaving.load(Ordering::Relaxed) {
        true => "the server is about to stop",
        false if door.service.store.is_alive() => return HttpResponse::Ok().body("ok"),
        false => "the database does not answer",
    };
    let retry = ("Retry-After", RETRY_AFTER);
    HttpResponse::ServiceUnavailable().insert_header(retry).force_close().body(cause)
}

async fn answer(head: HttpRequest, payload: web::Payload, door: web::Data<Door>) -> HttpResponse {
    let start = Instant::now();
    let mut request = request(&head, door.public_url.as_deref());
    let response = match receive(&mut request, &head, payload).await {
        Ok(()) => batch::answer(&door.service, &request).await,
        Err(error) => respond::error(&request, &error),
    };
    let Request { id, path, .. } = &request;
    let (method, status) = (head.method().as_str(), response.status);
    tracing::debug!(%id, method, path, status, elapsed = ?start.elapsed(), "answered");
    reply(&request, response, door.leaving.load(Ordering::Relaxed))
}

/// Completes a request with what may be wrong with it before any room has seen it.
async fn receive(request: &mut Request, head: &HttpRequest, payload: web::Payload) -> Result<()> {
    if request.base.is_empty() {
        return Err(Error::BadRequest("The Host header is not one host.".into()));
    }
    request.body = body(head, payload).await?;
    Ok(())
}

/// The request without its body.
fn request(head: &HttpRequest, public_url: Option<&str>) -> Request {
    let id = Uuid::new_v4();
    // A value that is no text is kept as one that nothing accepts, so that it is not passed over.
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers().iter().map(|(name, value)| (name.as_str(), text(value)));
    let headers: Headers = headers.collect();
    let base = public_url.map_or_else(|| base(head).unwrap_or_default(), str::to_owned);
    Request {
        id,
        client_id: headers.client_request_id().map_or_else(|| id.to_string(), str::to_owned),
        method: method(head),
        path: head.uri().path().to_owned(),
        query: head.uri().query().unwrap_or_default().to_owned(),
        headers,
        body: Bytes::new(),
        base,
    }
}

fn method(head: &HttpRequest) -> Method {
    match head.method().as_str() {
        // actix leaves the body of the reply to a HEAD away.
        "GET" | "HEAD" => Method::Get,
        "POST" => Method::Post,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => Method::Other,
    }
}

/// The base that the client used, as its one `Host` header says; without one, where it connected.
fn base(head: &HttpRequest) -> Option<String> {
    let mut hosts = head.headers().get_all("host");
    let host = match (hosts.next(), hosts.next()) {
        (None, _) => head.app_config().host(),
        (Some(host), None) => host.to_str().ok().filter(|host| is_authority(host))?,
        (Some(_), Some(_)) => return None,
    };
    Some(format!("http://{host}"))
}

/// A name or an address, and perhaps a port; nothing that could break out of a link.
fn is_authority(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    !host.is_empty() && host.bytes().all(plain)
}

/// Reads a body of bounded size in bounded time.
async fn body(head: &HttpRequest, mut payload: web::Payload) -> Result<Bytes> {
    let declared = head.headers().get("content-length").and_then(|length| length.to_str().ok());
    if declared.and_then(|length| length.parse::<usize>().ok()).is_some_and(|it| it > MAX_BODY) {
        return Err(Error::BodyTooLarge { limit: MAX_BODY });
    }
    let read = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = poll_fn(|context| Pin::new(&mut payload).poll_next(context)).await {
            let broken = |error| Error::BadRequest(format!("The body cannot be read: {error}."));
            body.extend_from_slice(&chunk.map_err(broken)?);
            if body.len() > MAX_BODY {
                return Err(Error::BodyTooLarge { limit: MAX_BODY });
            }
        }
        Ok(body.freeze())
    };
    let too_slow = |_| Error::BadRequest("The body did not arrive in time.".into());
    tokio::time::timeout(BODY_TIMEOUT, read).await.map_err(too_slow)?
}

/// The reply as actix sends it, with both request ids; the last one of its connection, if so wanted.
fn reply(request: &Request, response: Response, last: bool) -> HttpResponse {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = HttpResponse::build(status);
    reply.insert_header(("request-id", request.id.to_string()));
    reply.insert_header(("client-request-id", request.client_id.as_str()));
    for (name, value) in response.headers {
        reply.insert_header((&*name, value));
    }
    if last {
        reply.force_close();
    }
    reply.body(response.body)
}
