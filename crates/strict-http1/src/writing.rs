//! The writing side of the stream: replies to the stream below, as long as the client takes them, and
//! the end of the connection.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::request::Next;
use crate::sending::Shutdown;
use crate::stream::{SMALL_READ, StrictStream};

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for StrictStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        match Pin::new(&mut this.stream).poll_write(context, bytes)? {
            Poll::Ready(count) => {
                this.sending.took(count, &this.settings.timeouts);
                Poll::Ready(Ok(count))
            }
            Poll::Pending => this.sending.wait(context).map(Err),
        }
    }

    /// An HTTP server flushes when it has written all that there is to send. Where the handler has
    /// finished the reply by then, the reply has been sent.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if Pin::new(&mut this.stream).poll_flush(context)?.is_pending() {
            return this.sending.wait(context).map(Err);
        }
        this.sending.sent_all(&this.settings.timeouts);
        if matches!(this.requests.next(), Next::Body | Next::Reply)
            && let Some(after) = this.connection.take_finished()
        {
            this.sending.finish(&this.settings.timeouts);
            this.finish_reply(after);
        }
        Poll::Ready(Ok(()))
    }

    /// Says that nothing more is sent. Then, where the client may have sent more than was read,
    /// reads on for a while: a socket that closes on unread bytes resets, and the client may lose
    /// its reply.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let timeouts = &this.settings.timeouts;
        let Shutdown { closed_by, is_sent } = *this.sending.shutdown(timeouts);
        if !is_sent {
            if Pin::new(&mut this.stream).poll_shutdown(context)?.is_pending() {
                ready!(this.sending.poll_deadline(closed_by, context));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            this.sending.shutdown(timeouts).is_sent = true;
        }
        let mut buffer = [const { MaybeUninit::uninit() }; SMALL_READ];
        while this.requests.next() == Next::End {
            let mut rest = ReadBuf::uninit(&mut buffer);
            if this.read(context, &mut rest)?.is_pending() {
                ready!(this.sending.poll_deadline(closed_by, context));
                break;
            }
            if rest.filled().is_empty() || closed_by <= Instant::now() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}
