//! The deadlines of one direction of a connection, on one timer of tokio. It does not know what the
//! deadlines are for.
//!
//! The timer is moved only where it would fire too late. Where it fires too early it is set again,
//! so that requests which arrive in time move no timer.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// A timer that wakes the task which asked it last.
#[derive(Debug)]
pub(crate) struct Timer(Pin<Box<Sleep>>);

impl Timer {
    /// A timer for deadlines from now on.
    pub(crate) fn new() -> Self {
        Self(Box::pin(sleep_until(Instant::now())))
    }

    /// Whether a deadline has passed. If not, the task is polled again when it passes, or earlier.
    pub(crate) fn has_passed(&mut self, deadline: Instant, context: &mut Context<'_>) -> bool {
        if self.0.deadline() > deadline {
            self.0.as_mut().reset(deadline);
        }
        while self.0.as_mut().poll(context).is_ready() {
            if deadline <= Instant::now() {
                return true;
            }
            self.0.as_mut().reset(deadline);
        }
        false
    }
}

/// The time that is so much later than now.
pub(crate) fn from_now(time: Duration) -> Instant {
    Instant::now() + time
}
