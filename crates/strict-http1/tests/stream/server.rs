//! Does it work below a real HTTP server, over a real socket and over TLS?

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_http::body::{BodyStream, BoxBody, MessageBody};
use actix_http::{HttpService, Protocol, Request, Response, StatusCode};
use actix_service::{Service, ServiceFactory};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use strict_http1::{AfterReply, Connection, Refusal, Settings, StrictStream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;
use tokio_rustls::client;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::support::GET;

/// How many pieces the reply to `/stream` has. Each is flushed by itself.
const PIECES: usize = 5;

/// Answers with the body of the request, with a stream, or with a refusal.
async fn answer(mut request: Request) -> Result<Response<BoxBody>, Infallible> {
    let connection = Arc::clone(request.conn_data::<Arc<Connection>>().unwrap());
    let received = receive(&connection, &mut request).await;
    let after = if received.is_ok() { AfterReply::KeepAlive } else { AfterReply::Close };
    let unfinished = connection.unfinished_reply(after);
    let pieces = match received {
        Err(refusal) => vec![refusal.to_string().into()],
        Ok(_) if request.path() == "/stream" => vec![Bytes::from_static(b"piece "); PIECES],
        Ok(body) => vec![body],
    };
    let status = match after {
        AfterReply::KeepAlive => StatusCode::OK,
        AfterReply::Close => StatusCode::BAD_REQUEST,
    };
    // The body owns the unfinished reply, so that it is finished when the body ends.
    let body =
        stream::unfold((pieces.into_iter(), unfinished), async |(mut pieces, unfinished)| {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Some((Ok::<_, Infallible>(pieces.next()?), (pieces, unfinished)))
        });
    Ok(Response::with_body(status, BodyStream::new(Box::pin(body)).boxed()))
}

/// The whole body of a request, or why it is refused.
async fn receive(connection: &Connection, request: &mut Request) -> Result<Bytes, Refusal> {
    if let Some(refusal) = connection.take_refusal() {
        return Err(refusal);
    }
    let mut body = Vec::new();
    let mut payload = request.take_payload();
    while let Some(chunk) = payload.next().await {
        match chunk {
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(_) => return Err(connection.take_refusal().unwrap()),
        }
    }
    Ok(body.into())
}

/// Serves one connection.
async fn serve<S: AsyncRead + AsyncWrite + Unpin + 'static>(stream: S) {
    let service = HttpService::build()
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(Duration::ZERO)
        .on_connect_ext(|stream: &StrictStream<S>, data| {
            data.insert(stream.connection());
        })
        .finish(answer)
        .new_service(())
        .await
        .unwrap();
    let stream = StrictStream::new(stream, Settings::default());
    // The client may go as it likes.
    service.call((stream, Protocol::Http1, None)).await.ok();
}

/// A listener, and the sockets of a client and a server that are connected by it.
async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (client, server)
}

/// A server and a client of TLS with a certificate of their own.
fn tls() -> (TlsAcceptor, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let chain = vec![made.cert.der().clone()];
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let server = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (Arc::new(server.unwrap()).into(), Arc::new(client).into())
}

/// The client's end of a connection over TLS, and the server that answers on it.
async fn connect_by_tls() -> (client::TlsStream<TcpStream>, impl Future<Output = ()>) {
    let (acceptor, connector) = tls();
    let (client, server) = sockets().await;
    let name = ServerName::try_from("localhost").unwrap();
    let (client, server) = tokio::join!(connector.connect(name, client), acceptor.accept(server));
    (client.unwrap(), serve(server.unwrap()))
}

/// The body of the next reply, which must have this status.
async fn reply(client: &mut (impl AsyncRead + Unpin), status: u16) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"0\r\n\r\n") {
        text.push(client.read_u8().await.unwrap());
    }
    let text = String::from_utf8(text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    // Of each chunk the size and the content are a line.
    body.split("\r\n").skip(1).step_by(2).collect()
}

/// Pipelines requests in pieces of a size, and reads the replies meanwhile.
async fn pipelines<S: AsyncRead + AsyncWrite + Unpin>(client: S, size: usize) -> S {
    const ROUNDS: usize = 20;
    let (mut reader, mut writer) = tokio::io::split(client);
    let streamed = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";
    let posted = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
                   2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    let requests = [streamed, posted, chunked].concat().repeat(ROUNDS);
    let sends = async {
        for piece in requests.as_bytes().chunks(size) {
            writer.write_all(piece).await.unwrap();
            writer.flush().await.unwrap();
        }
    };
    let receives = async {
        for _ in 0..ROUNDS {
            assert_eq!(reply(&mut reader, 200).await, "piece ".repeat(PIECES));
            assert_eq!(reply(&mut reader, 200).await, "hello");
            assert_eq!(reply(&mut reader, 200).await, "hello");
        }
    };
    tokio::join!(sends, receives);
    reader.unsplit(writer)
}

/// A malformed request is answered with its reason, and the connection ends.
async fn is_refused(mut client: impl AsyncRead + AsyncWrite + Unpin) {
    let request = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n{GET}");
    client.write_all(request.as_bytes()).await.unwrap();
    let reason = "The Content-Length header is not one number.";
    assert_eq!(reply(&mut client, 400).await, reason);
    assert_eq!(client.read_to_end(&mut Vec::new()).await.unwrap(), 0);
}

/// Runs a client beside the server of its connection.
async fn run(server: impl Future<Output = ()> + 'static, client: impl Future<Output = ()>) {
    let tasks = LocalSet::new();
    tasks.spawn_local(server);
    tasks.run_until(client).await;
    tasks.await;
}

#[tokio::test]
async fn requests_are_answered_in_turn_over_tcp_however_they_are_cut() {
    for size in [1, 7, 100, usize::MAX] {
        let (client, server) = sockets().await;
        client.set_nodelay(true).unwrap();
        run(serve(server), async { is_refused(pipelines(client, size).await).await }).await;
    }
}

#[tokio::test]
async fn requests_are_answered_in_turn_over_tls_however_they_are_cut() {
    for size in [1, 7, 100, usize::MAX] {
        let (client, server) = connect_by_tls().await;
        run(server, async { is_refused(pipelines(client, size).await).await }).await;
    }
}

#[tokio::test]
async fn a_client_of_tls_that_goes_without_a_word_has_ended() {
    let (acceptor, connector) = tls();
    let (client, server) = sockets().await;
    let name = ServerName::try_from("localhost").unwrap();
    let (client, server) = tokio::join!(connector.connect(name, client), acceptor.accept(server));
    let mut server = StrictStream::new(server.unwrap(), Settings::default());
    // The end of TCP without the message that ends TLS.
    let mut client = client.unwrap();
    client.get_mut().0.shutdown().await.unwrap();
    let read: io::Result<usize> = server.read(&mut [0]).await;
    assert_eq!(read.unwrap(), 0);
    assert_eq!(server.connection().take_refusal(), None);
}
