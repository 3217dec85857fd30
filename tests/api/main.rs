//! The server as clients see it: tests with real HTTP, a real PostgreSQL and exact bodies. The folders
//! follow the API. The first line of each module is the question that its tests answer.

#![expect(
    clippy::disallowed_methods,
    reason = "tests prepare and inspect the database with their own SQL"
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod annotations;
mod audit;
mod batch;
mod clients;
mod closed_tenants;
mod console;
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
#[path = "../documents/paths.rs"]
mod paths;
mod permissions;
mod reads;
mod retention;
mod several_servers;
mod sign_in;
mod writes;
