//! Both ends of a connection in memory, and the steps of an HTTP server on it.

use std::io;
use std::time::Duration;

use strict_http1::{AfterReply, Settings, StrictStream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

pub(crate) const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// How much the connection in memory holds before the other end takes it, in bytes.
pub(crate) const CAPACITY: usize = 1024;

/// A client and the server's end of its connection.
pub(crate) fn connect(settings: Settings) -> (DuplexStream, StrictStream<DuplexStream>) {
    let (client, server) = duplex(CAPACITY);
    (client, StrictStream::new(server, settings))
}

/// What the server reads next; empty at the end.
pub(crate) async fn read(server: &mut (impl AsyncRead + Unpin)) -> String {
    let mut buffer = [0; 4096];
    let length = server.read(&mut buffer).await.unwrap();
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

/// Whether the server has to wait before it can read on.
pub(crate) async fn must_wait(server: &mut (impl AsyncRead + Unpin)) -> bool {
    timeout(Duration::from_millis(1), read(server)).await.is_err()
}

/// Sends a reply of one piece and says that it is complete.
pub(crate) async fn reply<S: AsyncRead + AsyncWrite + Unpin>(
    server: &mut StrictStream<S>,
    after: AfterReply,
) {
    server.connection().finish_reply(after);
    send(server, b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
}

/// Sends a piece of a reply.
pub(crate) async fn send(server: &mut (impl AsyncWrite + Unpin), piece: &[u8]) -> io::Result<()> {
    server.write_all(piece).await?;
    server.flush().await
}
