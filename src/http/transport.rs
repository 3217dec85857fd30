//! The bytes of a connection: those of its socket, or those that TLS decrypts. The handshake of TLS
//! is here; certificates are not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The first byte of a connection that speaks TLS: the type of a handshake record (RFC 8446, 5.1).
const HANDSHAKE: u8 = 0x16;

/// How a listener reads its connections.
#[derive(Clone)]
pub(super) enum Acceptor {
    /// As they come.
    Plain,
    /// By TLS, with the configuration of the moment.
    Tls(watch::Receiver<Arc<ServerConfig>>),
}

impl Acceptor {
    pub(super) fn encryption(&self) -> Encryption {
        match self {
            Self::Plain => Encryption::None,
            Self::Tls(_) => Encryption::Tls,
        }
    }

    /// The bytes of a new connection, once its handshake is complete: by `deadline`, or not at all.
    /// A client that does not speak TLS where it should is let through, to be told so.
    pub(super) async fn accept(
        &self,
        socket: TcpStream,
        deadline: Instant,
    ) -> io::Result<Transport> {
        let Self::Tls(config) = self else { return Ok(Transport::Plain(socket)) };
        let handshake = async {
            let mut first = [0];
            match socket.peek(&mut first).await? {
                1 if first[0] != HANDSHAKE => Ok(Transport::Plain(socket)),
                _ => {
                    let acceptor = TlsAcceptor::from(Arc::clone(&config.borrow()));
                    Ok(Transport::Tls(Box::new(acceptor.accept(socket).await?)))
                }
            }
        };
        timeout_at(deadline, handshake).await?
    }
}

/// The bytes of a connection.
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// How the bytes of a connection are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    None,
    Tls,
}

impl Encryption {
    /// The scheme of URLs.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Self::None => "http",
            Self::Tls => "https",
        }
    }
}

impl Transport {
    pub(super) fn encryption(&self) -> Encryption {
        match self {
            Self::Plain(_) => Encryption::None,
            Self::Tls(_) => Encryption::Tls,
        }
    }

    /// Lets the end of the connection be a reset. Where the socket refuses, it closes.
    pub(super) fn reset_when_dropped(&self) {
        let socket = match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.get_ref().0,
        };
        socket.set_zero_linger().ok();
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
