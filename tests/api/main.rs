//! The server as a client meets it: real HTTP, a real PostgreSQL, exact bodies. Each module answers
//! one question.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so by its panic"
)]

mod bad_bodies;
mod batch;
mod collections;
mod counters;
mod database_users;
mod describe;
mod entities;
mod expand;
mod families;
mod faults;
mod filter;
mod filter_property;
mod founding_call;
mod fuzz;
mod gathered;
mod harness;
mod headers;
mod http;
mod idempotency;
mod isolation;
mod isolation_by_request;
mod isolation_by_value;
mod isolation_of_rows;
mod isolation_of_work;
mod model;
mod odd_filters;
mod order;
mod paging;
mod parents;
mod paths;
mod real_clients;
mod storm;
mod user_counts;
mod who_may;
mod whole_numbers;
mod writes;
