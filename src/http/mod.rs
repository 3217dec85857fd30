//! Bytes to [`Request`](crate::message::Request), [`Response`](crate::message::Response) to bytes.
//! The only room that knows actix. `transport` decrypts TLS, the crate `strict-http1` checks all bytes
//! before actix reads them, `limits` has its limits, `handler` answers. `docs/reference/http.md` has
//! what follows for clients.

mod body;
mod break_off;
mod broken;
mod cors;
mod handler;
mod limits;
mod listening;
mod refusal;
mod reply;
mod starting;
mod transport;

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_server::Server;
use rustls::ServerConfig;
use tokio::sync::watch;

use crate::proxies::TrustedProxies;
use crate::service::{Service, ServiceSlot};
use limits::SHUTDOWN_TIMEOUT;
use listening::{Content, Listening};
use transport::Acceptor;

pub use limits::{
    MAX_BODY, MAX_CHUNK_EXTRAS, MAX_CONNECTIONS, MAX_HEADER_SECTION, MAX_HEADERS,
    MAX_METRICS_CONNECTIONS, MAX_NAME, MAX_TARGET, MAX_UNAUTHENTICATED_BODY,
};
pub use strict_http1::Timeouts;

/// The options of the HTTP server.
#[derive(Clone, Debug)]
pub struct Options {
    /// The base URL of links in replies; without it, the host of the request.
    pub public_url: Option<String>,
    /// The proxies that are trusted to name the client.
    pub proxies: TrustedProxies,
    /// The origins whose pages may use the API.
    pub origins: Vec<String>,
    /// The timeouts of clients.
    pub timeouts: Timeouts,
    /// The number of threads.
    pub workers: usize,
}

/// Where clients connect.
#[derive(Debug)]
pub struct Listeners {
    /// For HTTP without TLS.
    pub plain: TcpListener,
    /// For HTTP over TLS, if it is served.
    pub tls: Option<TlsListener>,
}

/// Where clients connect by TLS.
#[derive(Debug)]
pub struct TlsListener {
    /// The listening socket.
    pub listener: TcpListener,
    /// The certificate and the protocols. A change holds for new connections.
    pub config: watch::Receiver<Arc<ServerConfig>>,
}

/// Serves on listeners until `stop` is over. While the service is not there, checks of health are answered,
/// and other requests wait for it. For the time that `stop` names everything is answered as before, but each
/// reply closes its connection and `/health` says that the server leaves, so that new requests go elsewhere;
/// then requests under way are answered, and no others.
///
/// # Errors
/// Where a listener cannot be used.
pub fn serve(
    listeners: Listeners,
    service: impl Into<ServiceSlot>,
    options: Options,
    stop: impl Future<Output = Duration> + Send + 'static,
) -> io::Result<Server> {
    let workers = options.workers;
    let service = service.into();
    let stopped = service.clone();
    let stop = async move {
        let notice = stop.await;
        if let Some(service) = stopped.get() {
            service.stop();
            tokio::time::sleep(notice).await;
        }
    };
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(MAX_CONNECTIONS.div_ceil(workers))
        .shutdown_timeout(SHUTDOWN_TIMEOUT)
        .shutdown_signal(stop);
    let stopping = builder.graceful_shutdown_signal();
    let Listeners { plain, tls } = listeners;
    let listening = Listening { service, options, stopping, content: Content::Api };
    let builder = listening.add(builder, plain, Acceptor::Plain)?;
    let builder = match tls {
        Some(TlsListener { listener, config }) => {
            listening.add(builder, listener, Acceptor::Tls(config))?
        }
        None => builder,
    };
    Ok(builder.run())
}

/// Serves the metrics on a listener, with a thread of its own, so that they can be read while all
/// connections of the API are taken. Ends when the value is dropped.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve_metrics(listener: TcpListener, service: Arc<Service>) -> io::Result<Server> {
    let options = Options {
        public_url: None,
        proxies: TrustedProxies::default(),
        origins: Vec::new(),
        timeouts: Timeouts::default(),
        workers: 1,
    };
    let builder = Server::build()
        .workers(options.workers)
        .max_concurrent_connections(MAX_METRICS_CONNECTIONS)
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let service = service.into();
    let listening = Listening { service, options, stopping, content: Content::Metrics };
    Ok(listening.add(builder, listener, Acceptor::Plain)?.run())
}
