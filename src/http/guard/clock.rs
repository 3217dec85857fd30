//! The deadlines of one connection, on one timer. Knows neither what is waited for nor what is done
//! when it does not come.
//!
//! The timer is moved only where it would ring too late. One that rings too early finds that
//! nothing is due and is set again, so that a request that comes in time moves no timer.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The timer. Whoever asks whether a deadline has passed is woken when it does.
pub(super) struct Clock(Pin<Box<Sleep>>);

impl Clock {
    /// One that has yet to be asked.
    pub(super) fn new() -> Self {
        Self(Box::pin(sleep_until(Instant::now())))
    }

    /// Whether a deadline has passed; if not, the task is polled again when it does, or before.
    pub(super) fn has_passed(&mut self, deadline: Instant, context: &mut Context<'_>) -> bool {
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

/// So much later than now.
pub(super) fn from_now(time: Duration) -> Instant {
    Instant::now() + time
}
