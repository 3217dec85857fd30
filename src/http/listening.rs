//! A listener of the server: how its connections become streams of HTTP/1, and which handler answers
//! their requests.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Protocol};
use actix_server::{GracefulShutdownSignal, ServerBuilder};
use actix_service::{ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::{App, web};
use strict_http1::StrictStream;
use tokio::net::TcpStream;
use tokio::time::Instant;
use url::Url;

use super::break_off::Breakable;
use super::handler::{self, AppData};
use super::transport::Acceptor;
use super::{Options, limits};
use crate::service::ServiceSlot;

/// What all listeners share.
pub(super) struct Listening {
    pub(super) service: ServiceSlot,
    pub(super) options: Options,
    pub(super) stopping: GracefulShutdownSignal,
    pub(super) content: Content,
}

/// What a listener serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// The API, and what belongs to it.
    Api,
    /// The metrics alone.
    Metrics,
}

impl Listening {
    /// Adds a listener to a server.
    pub(super) fn add(
        &self,
        builder: ServerBuilder,
        listener: TcpListener,
        acceptor: Acceptor,
    ) -> io::Result<ServerBuilder> {
        let Options { public_url, proxies, origins, timeouts, workers: _ } = self.options.clone();
        let encryption = acceptor.encryption();
        let app = web::Data::new(AppData {
            service: self.service.clone(),
            stopping: self.stopping.clone(),
            address: listener.local_addr()?,
            encryption,
            content: self.content,
            requires_https: public_url.as_deref().is_some_and(requires_https),
            public_url,
            proxies,
            origins,
        });
        let stopping = self.stopping.clone();
        let service = self.service.clone();
        let factory = move || {
            let (stopping, acceptor) = (stopping.clone(), acceptor.clone());
            let service = service.clone();
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
                .on_connect_ext(|stream: &StrictStream<Breakable>, extensions| {
                    extensions.insert(stream.connection());
                    extensions.insert(stream.get_ref().transport().encryption());
                    if let Some(break_off) = stream.get_ref().break_off() {
                        extensions.insert(break_off);
                    }
                })
                .finish(map_config(app, |()| AppConfig::default()));
            fn_service(move |socket: TcpStream| {
                let acceptor = acceptor.clone();
                // While the server starts, nobody knows.
                let can_break = service.get().is_none_or(|service| service.twin.is_some());
                async move {
                    socket.set_nodelay(true).ok();
                    let (accepted, peer) = (Instant::now(), socket.peer_addr().ok());
                    let transport = acceptor.accept(socket, accepted + timeouts.head).await;
                    let transport = transport.map_err(|error| {
                        tracing::debug!(?peer, %error, "no TLS handshake");
                        DispatchError::Io(error)
                    })?;
                    let settings = limits::settings(timeouts);
                    let transport = Breakable::new(transport, can_break);
                    let stream = StrictStream::accepted_at(accepted, transport, settings);
                    Ok((stream, Protocol::Http1, peer))
                }
            })
            .and_then(http)
        };
        builder.listen(encryption.scheme(), listener, factory)
    }
}

/// Whether the operator says that browsers reach the server by https. `localhost` does not count: it
/// is the name of every server on the machine.
fn requires_https(public_url: &str) -> bool {
    let url = public_url.parse::<Url>();
    url.is_ok_and(|url| url.scheme() == "https" && url.domain() != Some("localhost"))
}
