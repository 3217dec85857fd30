//! Ends a connection in the middle of a reply, for the test twin. A connection of a server without a
//! twin cannot be broken off.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::transport::Transport;

const NOT: u8 = 0;
const CLOSE: u8 = 1;
const RESET: u8 = 2;
const CLOSE_WHEN_SENT: u8 = 3;

/// Whether and how a connection is broken off; shared by the connection and its replies.
#[derive(Debug, Default)]
pub(super) struct BreakOff(AtomicU8);

impl BreakOff {
    /// Closes the connection instead of sending anything more.
    pub(super) fn close(&self) {
        self.0.store(CLOSE, Ordering::Relaxed);
    }

    /// Resets the connection instead of sending anything more.
    pub(super) fn reset(&self) {
        self.0.store(RESET, Ordering::Relaxed);
    }

    /// Closes the connection once everything so far has been sent.
    pub(super) fn close_when_sent(&self) {
        self.0.store(CLOSE_WHEN_SENT, Ordering::Relaxed);
    }
}

/// The bytes of a connection that may be broken off.
pub(super) struct Breakable {
    transport: Transport,
    break_off: Option<Arc<BreakOff>>,
}

impl Breakable {
    pub(super) fn new(transport: Transport, can_break: bool) -> Self {
        Self { transport, break_off: can_break.then(Arc::default) }
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) fn break_off(&self) -> Option<Arc<BreakOff>> {
        self.break_off.clone()
    }

    fn state(&self) -> u8 {
        self.break_off.as_ref().map_or(NOT, |it| it.0.load(Ordering::Relaxed))
    }
}

impl AsyncRead for Breakable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_read(context, into)
    }
}

impl AsyncWrite for Breakable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.state() {
            CLOSE => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            RESET => {
                self.transport.reset_when_dropped();
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            _ => Pin::new(&mut self.transport).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.transport).poll_flush(context))?;
        match self.state() {
            CLOSE_WHEN_SENT => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}
