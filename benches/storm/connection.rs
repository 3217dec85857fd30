//! One connection of HTTP/1.1 that is kept open: bytes of a request out, a reply in. As little as
//! reading a reply takes, so that the load costs less than what is measured.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;

/// The longest head of a reply.
const MAX_HEAD: usize = 16 * 1024;

/// A connection that is kept open.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// What came back.
pub(crate) struct Reply<'connection> {
    status: u16,
    body: &'connection [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(MAX_HEAD) })
    }

    /// Sends a request and waits for all of its reply.
    pub(crate) async fn exchange(&mut self, request: &str) -> Result<Reply<'_>> {
        self.received.clear();
        self.stream.write_all(request.as_bytes()).await?;
        let body = loop {
            self.read().await?;
            if let Some(end) = self.received.windows(4).position(|end| end == b"\r\n\r\n") {
                break end + 4;
            }
            if self.received.len() > MAX_HEAD {
                return Err("the head of a reply does not end".into());
            }
        };
        let (status, length) = understand(&self.received[..body])?;
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
    /// The body of a success; anything else is no figure.
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

/// The status and the length of the body that a head tells.
fn understand(head: &[u8]) -> Result<(u16, usize)> {
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
