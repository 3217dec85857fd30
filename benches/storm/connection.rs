//! A persistent HTTP/1.1 connection: sends a request as bytes, reads the reply. Parses only what is
//! needed to find the end of a reply, so that the client takes little CPU time from the server.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use crate::Result;

/// The longest head of a reply, in bytes.
const MAX_HEAD: usize = 16 * 1024;

const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: storm\r\n\r\n";

/// A persistent connection.
pub(crate) struct Connection {
    stream: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    received: Vec<u8>,
}

/// A reply.
pub(crate) struct Reply<'connection> {
    status: u16,
    body: &'connection [u8],
}

impl Connection {
    /// Connects, and completes the handshake of TLS if there is a connector.
    pub(crate) async fn open(address: SocketAddr, tls: Option<&TlsConnector>) -> Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let stream = match tls {
            None => Either::Left(socket),
            Some(tls) => {
                let name = "localhost".try_into()?;
                Either::Right(Box::new(tls.connect(name, socket).await?))
            }
        };
        Ok(Self { stream, received: Vec::with_capacity(MAX_HEAD) })
    }

    /// Fails unless the server can serve.
    pub(crate) async fn ask_for_health(&mut self) -> Result<()> {
        self.exchange(HEALTH).await?.success().map(|_| ())
    }

    /// Sends a request and reads its whole reply.
    pub(crate) async fn exchange(&mut self, request: &str) -> Result<Reply<'_>> {
        self.received.clear();
        self.stream.write_all(request.as_bytes()).await?;
        self.stream.flush().await?;
        let body = loop {
            self.read().await?;
            if let Some(end) = self.received.windows(4).position(|end| end == b"\r\n\r\n") {
                break end + 4;
            }
            if self.received.len() > MAX_HEAD {
                return Err("the head of a reply does not end".into());
            }
        };
        let (status, length) = parse_head(&self.received[..body])?;
        while self.received.len() < body + length {
            self.read().await?;
        }
        Ok(Reply { status, body: &self.received[body..] })
    }

    async fn read(&mut self) -> Result<()> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err("a connection was closed before its reply".into()),
            _ => Ok(()),
        }
    }
}

impl<'connection> Reply<'connection> {
    /// The body of a 2xx reply. Any other status is an error: it must not become a figure.
    pub(crate) fn success(self) -> Result<&'connection [u8]> {
        match self.status {
            200..300 => Ok(self.body),
            status => {
                let text = String::from_utf8_lossy(self.body);
                Err(format!("a request was answered {status}: {text}").into())
            }
        }
    }
}

/// The status and the `Content-Length` in a head.
fn parse_head(head: &[u8]) -> Result<(u16, usize)> {
    let head = std::str::from_utf8(head)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then_some(value.trim())
    });
    let status = status.ok_or("a reply has no status")?.parse()?;
    Ok((status, length.ok_or("a reply has no length")?.parse()?))
}
