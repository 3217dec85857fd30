//! The server as a client meets it: real HTTP, a real PostgreSQL, exact bodies. The folders follow
//! the API; each module answers one question.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests' own SQL reads and prepares what they check"
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so by its panic"
)]

mod batch;
mod clients;
mod counters;
mod database;
mod describe;
mod filter;
mod fuzz;
mod group_commit;
mod harness;
mod http;
mod idempotency;
mod isolation;
mod permissions;
mod reads;
mod writes;
