//! Runs the items of a batch: several at once, each after those that it depends on. Does not know what
//! they ask.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::item::Item;
use crate::endpoints;
use crate::error::{BatchReason, Error, Result};
use crate::message::{Body, Response};
use crate::respond;
use crate::route::Target;
use crate::service::Service;

/// How many items of one batch run at once, so that one client cannot take all connections of the
/// database.
pub const MAX_CONCURRENT: usize = 4;
/// Once the bodies of a batch's replies have this many bytes, no further item starts; running ones may
/// still exceed it. It bounds the memory of one batch.
pub const MAX_REPLY: usize = 32 * 1024 * 1024;
/// From this status on, an item has failed.
const FAILURE: u16 = 400;

/// The responses so far.
struct Progress<'a> {
    items: &'a [Item],
    responses: Vec<Option<Response>>,
    size: usize,
}

/// Answers all items; `order` has dependencies first.
pub(super) async fn run(
    service: &Service,
    items: &[Item],
    targets: Vec<Result<Target>>,
    order: &[usize],
) -> Vec<Response> {
    let mut targets: Vec<Option<Result<Target>>> = targets.into_iter().map(Some).collect();
    let responses = items.iter().map(|_| None).collect();
    let mut progress = Progress { items, responses, size: 0 };
    let mut waiting = order.to_vec();
    let mut running = FuturesUnordered::new();
    loop {
        // One pass in this order is enough: a failed item comes before those that depend on it.
        waiting.retain(|&index| {
            if let Some(error) = progress.refusal(index) {
                progress.finish(index, respond::error(&items[index].request, &error));
                return false;
            }
            let start = running.len() < MAX_CONCURRENT && progress.may_start(index);
            if start {
                let target = targets[index].take();
                running.push(answer(service, &items[index], index, target));
            }
            !start
        });
        let Some((index, response)) = running.next().await else { break };
        progress.finish(index, response);
    }
    // No item waits any more: the order has no cycle.
    progress.responses.into_iter().flatten().collect()
}

async fn answer(
    service: &Service,
    item: &Item,
    index: usize,
    target: Option<Result<Target>>,
) -> (usize, Response) {
    let response = match target {
        Some(Ok(target)) => endpoints::answer_target(service, &item.request, target).await,
        Some(Err(error)) => respond::error(&item.request, &error),
        None => respond::error(&item.request, &Error::Bug("an item is answered twice")),
    };
    (index, response)
}

impl Progress<'_> {
    /// Why an item does not run, if that is certain already.
    fn refusal(&self, index: usize) -> Option<Error> {
        let has_failed = |place: &&usize| {
            self.responses[**place].as_ref().is_some_and(|response| response.status >= FAILURE)
        };
        let failed = self.items[index].depends_on.iter().find(has_failed);
        let full = self.size >= MAX_REPLY;
        match failed {
            Some(&place) => Some(Error::FailedDependency { id: self.items[place].id.clone() }),
            None => full.then_some(Error::BatchReplyTooLarge { limit: MAX_REPLY }),
        }
    }

    fn may_start(&self, index: usize) -> bool {
        self.items[index].depends_on.iter().all(|&place| self.responses[place].is_some())
    }

    fn finish(&mut self, index: usize, response: Response) {
        let response = match response.body {
            Body::Stream(_) | Body::Broken(..) => {
                let error = Error::from(BatchReason::StreamedReply);
                respond::error(&self.items[index].request, &error)
            }
            Body::Whole(_) => response,
        };
        if let Body::Whole(body) = &response.body {
            self.size += body.len();
        }
        self.responses[index] = Some(response);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::message::Request;

    #[test]
    fn a_stream_is_refused_as_part_of_a_batch() {
        let request = Request::example();
        let items = [Item { id: "1".into(), depends_on: Vec::new(), request }];
        let mut progress = Progress { items: &items, responses: vec![None], size: 0 };
        let body = Body::Stream(Box::pin(stream::empty()));
        progress.finish(0, Response { status: 200, headers: Vec::new(), body });
        assert_eq!(progress.responses[0].as_ref().unwrap().status, 400);
    }
}
