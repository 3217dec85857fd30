//! The stream, tried from both ends: as a client that sends bytes, and as an HTTP server that reads
//! requests and writes replies.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by its panic")]

mod agreement;
mod refusals;
mod replies;
mod server;
mod support;
mod timeouts;
