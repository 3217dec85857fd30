//! The way out: replies to the socket, for as long as the client takes them, and the end of the
//! connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::clock::from_now;
use super::reception::Next;
use super::{Guard, SMALL_READ};
use crate::http::limits::MIN_REPLY_RATE;

impl AsyncWrite for Guard {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.socket).poll_write(context, bytes)?;
        match (written, &mut this.taken_by) {
            (Poll::Ready(count), Some(by)) => {
                *by += Duration::from_secs(count as u64) / MIN_REPLY_RATE;
            }
            (Poll::Ready(_), None) => {}
            (Poll::Pending, by) => {
                let by = *by.get_or_insert_with(|| from_now(this.patience.reply));
                if this.clock.has_passed(by, context) {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        written.map(Ok)
    }

    /// actix flushes once the socket has taken all that there is to send. A reply may come before the
    /// whole body; it is the last one then.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.taken_by = None;
        if matches!(self.reception.next(), Next::Body | Next::Reply)
            && let Some(is_last) = self.connection.take_answered()
        {
            self.answered(is_last, context);
        }
        Pin::new(&mut self.socket).poll_flush(context)
    }

    /// Says that nothing more is sent. Where something may have been left unread, reads on for a
    /// while: a socket that closes on unread bytes resets, and the client may lose its reply.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let by = match this.closed_by {
            Some(by) => by,
            None => {
                ready!(Pin::new(&mut this.socket).poll_shutdown(context))?;
                *this.closed_by.insert(from_now(this.patience.linger))
            }
        };
        let mut buffer = [0; SMALL_READ];
        while this.reception.next() == Next::End {
            let mut rest = ReadBuf::new(&mut buffer);
            match Pin::new(&mut this.socket).poll_read(context, &mut rest)? {
                Poll::Ready(()) if rest.filled().is_empty() => break,
                Poll::Ready(()) if by <= Instant::now() => break,
                Poll::Ready(()) => {}
                Poll::Pending if this.clock.has_passed(by, context) => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}
