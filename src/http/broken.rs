//! The bytes of a reply that does not arrive as a whole. Only the test twin asks for one.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::time::{Sleep, sleep};

use super::break_off::BreakOff;
use crate::message::{Delivery, LOST_REPLY_TIMEOUT};

/// How often a slow body sends something, unless its rate is lower.
const DRIPS_PER_SECOND: u32 = 10;

/// Waits as long as a reply that is lost in silence keeps its connection.
pub(super) async fn wait(delivery: Delivery) {
    if delivery == Delivery::Silence {
        sleep(LOST_REPLY_TIMEOUT).await;
    }
}

/// The body of a reply that does not arrive as a whole.
pub(super) struct BrokenBody {
    length: u64,
    rest: Bytes,
    delivery: Delivery,
    break_off: Option<Arc<BreakOff>>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl BrokenBody {
    /// The head announces the whole content.
    pub(super) fn new(
        content: Bytes,
        delivery: Delivery,
        break_off: Option<Arc<BreakOff>>,
    ) -> Self {
        let length = content.len() as u64;
        if let Some(break_off) = &break_off {
            match delivery {
                Delivery::Close | Delivery::Silence => break_off.close(),
                Delivery::Refuse | Delivery::Reset => break_off.reset(),
                Delivery::Cut(_) | Delivery::Drip(_) => {}
            }
        }
        let rest = match delivery {
            Delivery::Cut(bytes) => content.slice(..bytes.min(content.len())),
            _ => content,
        };
        Self { length, rest, delivery, break_off, timer: None }
    }

    /// The next bytes of a slow body, after a pause.
    fn drip(&mut self, rate: u32, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let times = rate.clamp(1, DRIPS_PER_SECOND);
        let pause = || Box::pin(sleep(Duration::from_secs(1) / times));
        let timer = self.timer.get_or_insert_with(pause);
        ready!(timer.as_mut().poll(context));
        self.timer = None;
        let length = (rate / times).max(1) as usize;
        Poll::Ready(match self.rest.is_empty() {
            true => None,
            false => Some(self.rest.split_to(length.min(self.rest.len()))),
        })
    }
}

impl MessageBody for BrokenBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Delivery::Drip(rate) = self.delivery {
            return self.drip(rate, context).map(|bytes| bytes.map(Ok));
        }
        // The connection ends when these bytes have been sent, so no others are asked for.
        if let (Delivery::Cut(_), Some(break_off)) = (self.delivery, &self.break_off) {
            break_off.close_when_sent();
        }
        match self.rest.is_empty() {
            true => Poll::Pending,
            false => Poll::Ready(Some(Ok(std::mem::take(&mut self.rest)))),
        }
    }
}
