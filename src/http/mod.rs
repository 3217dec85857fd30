//! Bytes to [`Request`](crate::message::Request), [`Response`](crate::message::Response) to bytes.
//! The only room that knows actix. The crate `strict-http1` checks all bytes before actix reads
//! them, `limits` has its limits, `handler` answers. `docs/reference/http.md` has what follows for clients.

mod body;
mod cors;
mod handler;
mod limits;
mod refusal;
mod reply;

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, KeepAlive, Protocol};
use actix_server::Server;
use actix_service::{ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::{App, web};
use strict_http1::StrictStream;
use tokio::net::TcpStream;

use crate::service::Service;
use handler::AppData;
use limits::SHUTDOWN_TIMEOUT;

pub use limits::{
    MAX_BODY, MAX_BODY_OF_STRANGERS, MAX_CHUNK_EXTRAS, MAX_CONNECTIONS, MAX_HEADER_SECTION,
    MAX_HEADERS, MAX_NAME, MAX_TARGET,
};
pub use strict_http1::Timeouts;

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct Options {
    /// What links in replies stand on; without it, the host that the client used.
    pub public_url: Option<String>,
    /// The origins whose pages may use the API.
    pub origins: Vec<String>,
    /// How long clients may take.
    pub timeouts: Timeouts,
    /// How many threads serve.
    pub workers: usize,
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
    options: Options,
    stop: impl Future<Output = Duration> + Send + 'static,
) -> io::Result<Server> {
    let Options { public_url, origins, timeouts, workers } = options;
    let address = listener.local_addr()?;
    let stopping_service = Arc::clone(&service);
    let app = web::Data::new(AppData { service, address, public_url, origins });
    let stop = async move {
        let notice = stop.await;
        stopping_service.stop();
        tokio::time::sleep(notice).await;
    };
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(MAX_CONNECTIONS.div_ceil(workers))
        .shutdown_timeout(SHUTDOWN_TIMEOUT)
        .shutdown_signal(stop);
    let stopping = builder.graceful_shutdown_signal();
    let factory = move || {
        let stopping = stopping.clone();
        let app = App::new().app_data(app.clone()).default_service(web::to(handler::answer));
        // The strict stream has all timeouts; actix has no timer.
        let http = HttpService::build()
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(Duration::ZERO)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .on_connect_ext(|stream: &StrictStream<TcpStream>, extensions| {
                extensions.insert(stream.connection());
            })
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(move |socket: TcpStream| async move {
            socket.set_nodelay(true).ok();
            let peer = socket.peer_addr().ok();
            let stream = StrictStream::new(socket, limits::settings(timeouts));
            Ok((stream, Protocol::Http1, peer))
        })
        .and_then(http)
    };
    Ok(builder.listen("http", listener, factory)?.run())
}
