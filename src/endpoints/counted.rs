//! Counts requests when they are answered. Knows only the kind of a target.

use std::thread;
use std::time::Instant;

use futures_util::FutureExt;

use crate::message::{Method, Response};
use crate::metrics::Requests;

/// The status in the metrics if the client disconnects before the reply.
const CLIENT_GONE: u16 = 499;
/// The status in the metrics if the handler panics.
const PANICKED: u16 = 500;

/// A request, counted when the value is dropped, also if the client disconnects before the reply.
struct Counted<'a> {
    requests: &'a Requests,
    target: &'static str,
    method: Method,
    start: Instant,
    status: Option<u16>,
}

/// The reply to a request, which is counted with the status of the reply.
pub(super) fn counted(
    requests: &Requests,
    target: &'static str,
    method: Method,
    reply: impl Future<Output = Response>,
) -> impl Future<Output = Response> {
    let mut counted = Counted { requests, target, method, start: Instant::now(), status: None };
    // An `async fn` would have room for the reply twice, and each request moves all of it.
    reply.map(move |response| {
        counted.answered(response.status);
        response
    })
}

impl Counted<'_> {
    /// The request is answered with this status.
    fn answered(&mut self, status: u16) {
        self.status = Some(status);
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let without_reply = if thread::panicking() { PANICKED } else { CLIENT_GONE };
        let status = self.status.unwrap_or(without_reply);
        self.requests.answered(self.target, name(self.method), status, self.start.elapsed());
    }
}

/// HEAD counts as GET.
pub(super) fn name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Other => "other",
        method => method.names(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::panic::AssertUnwindSafe;
    use std::pin::Pin;

    use futures_util::poll;

    use super::*;
    use crate::message::Body;
    use crate::metrics::Exposition;

    #[tokio::test]
    async fn a_request_is_counted_whether_it_is_answered_or_not() {
        let requests = Requests::default();
        let count = async |reply| {
            let reply: Pin<Box<dyn Future<Output = Response>>> = reply;
            counted(&requests, "entity", Method::Get, reply).await
        };
        count(Box::pin(ready(Response { status: 200, headers: vec![], body: Body::empty() })))
            .await;
        assert!(poll!(Box::pin(count(Box::pin(pending())))).is_pending());
        let panicked = AssertUnwindSafe(count(Box::pin(async { panic!("a bug") })));
        panicked.catch_unwind().await.unwrap_err();
        let mut page = Exposition::default();
        requests.expose(&mut page);
        for status in [200, 499, 500] {
            let line = format!("{{target=\"entity\",method=\"GET\",status=\"{status}\"}} 1\n");
            assert!(page.text().contains(&line), "{status}: {}", page.text());
        }
    }
}
