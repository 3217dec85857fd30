//! Authentication: from an `Authorization` header to a caller, with real keys and a real key
//! server.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod configuration;
mod headers;
mod key_server;
mod local;
mod outgoing;
mod refresh;
mod rotation;
mod signatures;
mod support;
