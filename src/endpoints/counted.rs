//! Counts requests when they are answered. Knows only the kind of a target.

use std::thread;
use std::time::Instant;

use crate::message::Method;
use crate::metrics::Requests;

/// The status in the metrics if the client disconnects before the reply.
const CLIENT_GONE: u16 = 499;
/// The status in the metrics if the handler panics.
const PANICKED: u16 = 500;

/// A request, counted when the value is dropped, also if the client disconnects before the reply.
pub(super) struct Counted<'a> {
    requests: &'a Requests,
    target: &'static str,
    method: Method,
    start: Instant,
    status: Option<u16>,
}

impl<'a> Counted<'a> {
    pub(super) fn start(requests: &'a Requests, target: &'static str, method: Method) -> Self {
        Self { requests, target, method, start: Instant::now(), status: None }
    }

    /// The request is answered with this status.
    pub(super) fn answered(&mut self, status: u16) {
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
