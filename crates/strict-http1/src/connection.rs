//! What the stream and the handler of its requests tell each other past the HTTP server between
//! them. A connection has one request at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Refusal;

/// One connection, shared by its [`StrictStream`](crate::StrictStream) and the handler of its
/// requests.
#[derive(Debug, Default)]
pub struct Connection(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    refusal: Option<Refusal>,
    finished: Option<AfterReply>,
}

/// What happens after a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterReply {
    /// The connection may serve another request.
    KeepAlive,
    /// The connection reads no other request.
    Close,
}

impl Connection {
    /// Why the request under way is refused, if it is. The handler asks before it reads the body,
    /// and again where the body ends too early. Each refusal is given out once.
    pub fn take_refusal(&self) -> Option<Refusal> {
        self.state().refusal.take()
    }

    /// The handler says that the reply is complete: the HTTP server has all of it. The stream reads
    /// the next request once the server has written and flushed the rest.
    pub fn finish_reply(&self, after: AfterReply) {
        self.state().finished = Some(after);
    }

    /// A value that finishes the reply when it is dropped: to be kept in the body of the reply,
    /// which an HTTP server drops when it has all of it.
    pub fn unfinished_reply(self: &Arc<Self>, after: AfterReply) -> UnfinishedReply {
        UnfinishedReply { connection: Arc::clone(self), after }
    }

    /// The stream says that the request cannot be received.
    pub(crate) fn refuse(&self, refusal: Refusal) {
        self.state().refusal = Some(refusal);
    }

    /// Whether the reply is complete; given out once for each reply.
    pub(crate) fn take_finished(&self) -> Option<AfterReply> {
        self.state().finished.take()
    }

    /// The lock protects two plain values, which no panic leaves half written.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reply of which the HTTP server does not have all yet; made by
/// [`Connection::unfinished_reply`].
#[derive(Debug)]
#[must_use = "it finishes the reply when it is dropped"]
pub struct UnfinishedReply {
    connection: Arc<Connection>,
    after: AfterReply,
}

impl Drop for UnfinishedReply {
    fn drop(&mut self) {
        self.connection.finish_reply(self.after);
    }
}
