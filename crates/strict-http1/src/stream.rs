//! The stream and its reading side. It passes checked bytes on, one request at a time, and ends the
//! connection of a client that takes too long.
//!
//! Bytes are checked where they lie, in the buffer of the HTTP server. Only bytes that cannot pass
//! yet are held back: a head that is not whole, and what follows a request that has not been
//! answered. A refused head never passes; a head of our own takes its place, which the handler
//! answers with the refusal. A refused body just ends, and the handler learns why.

use std::io;
use std::mem::{self, MaybeUninit};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::connection::{AfterReply, Connection};
use crate::refusal::{Malformed, Refusal};
use crate::request::{Next, Requests, replacement};
use crate::sending::Sending;
use crate::settings::Settings;
use crate::timer::{Timer, from_now};

/// How much is read at once into what is held back, or thrown away, in bytes.
pub(crate) const SMALL_READ: usize = 4096;

/// A stream that lets only well-formed HTTP/1 requests through, in time.
///
/// It wraps the stream of a connection (TCP, or TLS over it) and is handed to an HTTP server in its
/// place. Reading it gives the bytes of one request, then waits for
/// [`finish_reply`](Connection::finish_reply) before it gives those of the next. At the end of the
/// connection it reads as ended.
///
/// Its timers are tokio's, so it has to be used within a tokio runtime with time enabled.
#[derive(Debug)]
pub struct StrictStream<S> {
    pub(crate) stream: S,
    pub(crate) connection: Arc<Connection>,
    pub(crate) requests: Requests,
    pub(crate) settings: Settings,
    pub(crate) sending: Sending,
    /// Bytes that were read and not passed on.
    held: BytesMut,
    /// How many of the held bytes may pass.
    passing: usize,
    timer: Timer,
    /// When what comes next must have come.
    read_by: Instant,
    /// The task that reads.
    reader: Option<Waker>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> StrictStream<S> {
    /// Wraps the stream of a new connection. The client has
    /// [`Timeouts::head`](crate::Timeouts::head) from now on to send its first request.
    pub fn new(stream: S, settings: Settings) -> Self {
        Self::accepted_at(Instant::now(), stream, settings)
    }

    /// Wraps the stream of a connection whose client has had time since `accepted`, such as for the
    /// handshake of TLS.
    pub fn accepted_at(accepted: Instant, stream: S, settings: Settings) -> Self {
        Self {
            stream,
            connection: Arc::default(),
            requests: Requests::default(),
            settings,
            sending: Sending::new(&settings.timeouts),
            held: BytesMut::new(),
            passing: 0,
            timer: Timer::new(),
            read_by: accepted + settings.timeouts.head,
            reader: None,
        }
    }

    /// The connection, for the handler of its requests.
    pub fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.connection)
    }

    /// The stream below, for its addresses or its certificates.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// After a reply was sent: on to the next request, or to the end.
    pub(crate) fn finish_reply(&mut self, after: AfterReply) {
        self.requests.finish(after == AfterReply::Close);
        self.start_timeout();
        // No bytes may come that would wake it: the stream below may have read them already.
        if let Some(reader) = &self.reader {
            reader.wake_by_ref();
        }
    }

    /// Reads into the buffer of the HTTP server and checks the bytes there; false where it must
    /// wait.
    fn receive(&mut self, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> io::Result<bool> {
        let start = into.filled().len();
        if self.read(context, into)?.is_pending() {
            return Ok(self.is_late(context));
        }
        if into.filled().len() == start {
            self.client_ended();
            return Ok(true);
        }
        let good = start + self.check(&mut into.filled_mut()[start..]);
        if self.requests.next() != Next::End {
            self.held.extend_from_slice(&into.filled()[good..]);
        }
        into.set_filled(good);
        Ok(true)
    }

    /// Checks what is held back, after reading more unless some of it has yet to be checked; false
    /// where it must wait.
    fn receive_more(&mut self, context: &mut Context<'_>) -> io::Result<bool> {
        if !self.requests.has_unchecked(self.held.len()) {
            let mut buffer = [const { MaybeUninit::uninit() }; SMALL_READ];
            let mut more = ReadBuf::uninit(&mut buffer);
            if self.read(context, &mut more)?.is_pending() {
                return Ok(self.is_late(context));
            }
            if more.filled().is_empty() {
                self.client_ended();
                return Ok(true);
            }
            self.held.extend_from_slice(more.filled());
        }
        let mut held = mem::take(&mut self.held);
        let good = self.check(&mut held);
        if self.requests.next() == Next::End {
            held.truncate(good);
        }
        if self.held.is_empty() {
            (self.held, self.passing) = (held, good);
        }
        Ok(true)
    }

    /// Reads from the stream below. A client of TLS that goes without saying so has ended as well:
    /// whether its request is whole, the framing tells.
    pub(crate) fn read(
        &mut self,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, into) {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }

    /// How many of these bytes may pass. Where the rest is refused, its head is replaced, or its
    /// body ends.
    fn check(&mut self, bytes: &mut [u8]) -> usize {
        let before = self.requests.next();
        let (good, checked) = self.requests.check(bytes, &self.settings.limits);
        if let Err(refusal) = checked {
            self.refuse(refusal, bytes);
        } else if self.requests.next() != before {
            self.start_timeout();
        }
        good
    }

    /// Starts the timeout of what comes next.
    fn start_timeout(&mut self) {
        let timeouts = &self.settings.timeouts;
        self.read_by = match self.requests.next() {
            Next::Request => from_now(timeouts.idle),
            Next::Head => from_now(timeouts.head),
            Next::Body => from_now(timeouts.body),
            Next::Reply | Next::End => return,
        };
    }

    /// Whether the timeout has passed, which has then been dealt with.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let is_late = self.timer.has_passed(self.read_by, context);
        if is_late {
            self.give_up(Refusal::Timeout);
        }
        is_late
    }

    fn client_ended(&mut self) {
        self.give_up(Malformed::Incomplete.into());
    }

    /// Receives no more; a request under way is refused.
    fn give_up(&mut self, refusal: Refusal) {
        let held = mem::take(&mut self.held);
        match self.requests.next() {
            Next::Head | Next::Body => self.refuse(refusal, &held),
            Next::Request | Next::Reply | Next::End => self.requests.end(),
        }
    }

    /// Refuses the request that these bytes belong to.
    fn refuse(&mut self, refusal: Refusal, bytes: &[u8]) {
        if self.requests.next() != Next::Body {
            self.held = replacement(bytes, &self.settings);
            self.passing = self.held.len();
        }
        self.requests.end();
        self.connection.refuse(refusal);
    }

    /// Passes on the held bytes that may pass.
    fn pass(&mut self, into: &mut ReadBuf<'_>) {
        let passed = self.passing.min(into.remaining());
        into.put_slice(&self.held[..passed]);
        self.held.advance(passed);
        self.passing -= passed;
        if self.held.is_empty() {
            // A connection that waits keeps no memory for earlier requests.
            self.held = BytesMut::new();
        }
    }

    /// Has the task woken when the reply has been sent.
    fn remember_reader(&mut self, context: &Context<'_>) {
        match &mut self.reader {
            Some(reader) => reader.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for StrictStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let start = into.filled().len();
        loop {
            if self.passing > 0 {
                self.pass(into);
            }
            let next = self.requests.next();
            let has_some = into.filled().len() > start || into.remaining() == 0;
            if has_some || next == Next::End {
                return Poll::Ready(Ok(()));
            }
            let goes_on = match next {
                Next::Reply => false,
                _ if self.held.is_empty() => self.receive(context, into)?,
                _ => self.receive_more(context)?,
            };
            if !goes_on {
                self.remember_reader(context);
                return Poll::Pending;
            }
        }
    }
}
