//! The stream between a socket and actix. It passes on what has been judged, one request at a time,
//! and ends the connection of a client that takes too long.
//!
//! What a read brings is judged where it lies. Only what cannot pass yet is held back: a head that
//! is not whole, and what follows a request that has not been answered. A head that is refused
//! never passes; in its place comes one of our own, which the handler answers with the refusal. A
//! body that is refused just ends, and the handler learns why.

mod chunks;
mod clock;
mod fields;
mod head;
mod host;
mod reception;
mod scan;
mod sending;

#[cfg(test)]
mod agreement;

use std::io;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::connection::Connection;
use super::limits::Patience;
use crate::error::Error;
use clock::{Clock, from_now};
use reception::{Next, Reception};

/// How much is read at once into what is held back, or thrown away, in bytes.
const SMALL_READ: usize = 4096;

/// The stream.
pub(super) struct Guard {
    socket: TcpStream,
    connection: Rc<Connection>,
    reception: Reception,
    /// What was read and not passed on.
    held: BytesMut,
    /// How many of the held bytes may pass.
    passing: usize,
    patience: Patience,
    clock: Clock,
    /// By when what comes next must have come.
    read_by: Instant,
    /// By when the reply must have been taken, once the client keeps the server waiting.
    taken_by: Option<Instant>,
    /// By when the connection closes, once nothing more is sent.
    closed_by: Option<Instant>,
}

impl Guard {
    /// Of a new connection.
    pub(super) fn new(socket: TcpStream, patience: Patience) -> Self {
        Self {
            socket,
            connection: Rc::default(),
            reception: Reception::default(),
            held: BytesMut::new(),
            passing: 0,
            patience,
            clock: Clock::new(),
            read_by: from_now(patience.head),
            taken_by: None,
            closed_by: None,
        }
    }

    /// What it tells the handler of the connection's requests.
    pub(super) fn connection(&self) -> Rc<Connection> {
        Rc::clone(&self.connection)
    }

    /// Reads straight into what actix reads from, and judges it there; false where it must wait.
    fn receive(&mut self, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> io::Result<bool> {
        let start = into.filled().len();
        if Pin::new(&mut self.socket).poll_read(context, into)?.is_pending() {
            return Ok(self.is_late(context));
        }
        if into.filled().len() == start {
            self.client_ended();
            return Ok(true);
        }
        let good = start + self.judge(&mut into.filled_mut()[start..]);
        if self.reception.next() != Next::End {
            self.held.extend_from_slice(&into.filled()[good..]);
        }
        into.set_filled(good);
        Ok(true)
    }

    /// Reads into what is held back, unless some of it has yet to be judged; false where it must
    /// wait.
    fn receive_more(&mut self, context: &mut Context<'_>) -> io::Result<bool> {
        if !self.reception.is_behind(self.held.len()) {
            let mut buffer = [0; SMALL_READ];
            let mut read = ReadBuf::new(&mut buffer);
            if Pin::new(&mut self.socket).poll_read(context, &mut read)?.is_pending() {
                return Ok(self.is_late(context));
            }
            if read.filled().is_empty() {
                self.client_ended();
                return Ok(true);
            }
            self.held.extend_from_slice(read.filled());
        }
        let mut held = mem::take(&mut self.held);
        let good = self.judge(&mut held);
        if self.reception.next() == Next::End {
            held.truncate(good);
        }
        if self.held.is_empty() {
            (self.held, self.passing) = (held, good);
        }
        Ok(true)
    }

    /// How many of these bytes may pass. Where the request is refused for the rest of them, its head
    /// is replaced or its body ended.
    fn judge(&mut self, bytes: &mut [u8]) -> usize {
        let before = self.reception.next();
        let (good, judgement) = self.reception.judge(bytes);
        if let Err(error) = judgement {
            self.refuse(error, bytes);
        } else if self.reception.next() != before {
            self.wait();
        }
        good
    }

    /// Gives the client its time for what comes next.
    fn wait(&mut self) {
        self.read_by = match self.reception.next() {
            Next::Request => from_now(self.patience.idle),
            Next::Head => from_now(self.patience.head),
            Next::Body => from_now(self.patience.body),
            Next::Reply | Next::End => return,
        };
    }

    /// Whether the client has let its time pass, which has then been dealt with.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let is_late = self.clock.has_passed(self.read_by, context);
        if is_late {
            self.give_up(Error::RequestTimeout);
        }
        is_late
    }

    fn client_ended(&mut self) {
        self.give_up(Error::BadRequest("The request ended before it was whole.".into()));
    }

    /// Receives no more; a request under way is refused.
    fn give_up(&mut self, error: Error) {
        let held = mem::take(&mut self.held);
        match self.reception.next() {
            Next::Head | Next::Body => self.refuse(error, &held),
            Next::Request | Next::Reply | Next::End => self.reception.end(),
        }
    }

    /// Refuses the request that these bytes belong to.
    fn refuse(&mut self, error: Error, bytes: &[u8]) {
        if self.reception.next() != Next::Body {
            self.held = head::stand_in(bytes);
            self.passing = self.held.len();
        }
        self.reception.end();
        self.connection.refuse(error);
    }

    /// Passes what may pass of what was held back.
    fn pass(&mut self, into: &mut ReadBuf<'_>) {
        let passed = self.passing.min(into.remaining());
        into.put_slice(&self.held[..passed]);
        self.held.advance(passed);
        self.passing -= passed;
        if self.held.is_empty() {
            // A connection that waits keeps no memory for what it once brought.
            self.held = BytesMut::new();
        }
    }

    /// After the reply has been sent: on to the next request, or to the end. Before it, reading made
    /// the task wait for nothing but its handler, so that here it has to be woken for what is there
    /// already, and to wait for what is not.
    fn answered(&mut self, is_last: bool, context: &mut Context<'_>) {
        self.reception.answered(is_last);
        self.wait();
        let goes_on = self.reception.next() == Next::End
            || !self.held.is_empty()
            || self.socket.poll_read_ready(context).is_ready()
            || self.clock.has_passed(self.read_by, context);
        if goes_on {
            context.waker().wake_by_ref();
        }
    }
}

impl AsyncRead for Guard {
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
            let next = self.reception.next();
            if into.filled().len() > start || next == Next::End {
                return Poll::Ready(Ok(()));
            }
            let goes_on = next != Next::Reply
                && match self.held.is_empty() {
                    true => self.receive(context, into)?,
                    false => self.receive_more(context)?,
                };
            if !goes_on {
                return Poll::Pending;
            }
        }
    }
}
