//! What the two ends of a connection tell each other past actix: the guard, which sees bytes, and
//! the handler, which sees requests. A connection has one request at a time.

use std::cell::Cell;

use crate::error::Error;

/// Shared by the guard of a connection and the handler of its requests.
#[derive(Default)]
pub(super) struct Connection {
    refusal: Cell<Option<Error>>,
    answered: Cell<Option<bool>>,
}

impl Connection {
    /// From the guard: the request cannot be received, and nothing comes after it.
    pub(super) fn refuse(&self, error: Error) {
        self.refusal.set(Some(error));
    }

    /// To the handler: why the request cannot be received.
    pub(super) fn take_refusal(&self) -> Option<Error> {
        self.refusal.take()
    }

    /// From the handler: the reply is made, and perhaps the last one.
    pub(super) fn answered(&self, is_last: bool) {
        self.answered.set(Some(is_last));
    }

    /// To the guard: once a reply has been made, whether it is the last one; says so once.
    pub(super) fn take_answered(&self) -> Option<bool> {
        self.answered.take()
    }
}
