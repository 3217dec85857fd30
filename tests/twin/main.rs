//! The test twin as its users control it: by HTTP and by the command line, on a real PostgreSQL.

#![expect(
    clippy::disallowed_methods,
    reason = "tests prepare and inspect the database with their own SQL"
)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod audit;
mod broken_replies;
mod clocks;
mod contents;
mod copies;
#[path = "../api/harness/database.rs"]
#[expect(dead_code, reason = "the tests of the API use the rest of it")]
mod database;
mod faults;
mod helper;
mod many;
mod moving;
#[path = "../program/process.rs"]
#[expect(dead_code, reason = "the tests of the program use the rest of it")]
mod process;
mod program;
mod quirks;
mod races;
mod records;
mod restore;
mod ruled;
mod schema;
mod seeded_ids;
mod stale_reads;
mod tenants;
mod tokens;
#[path = "../../clients/twin/twin.rs"]
#[expect(dead_code, unreachable_pub, reason = "projects copy the file as it is")]
mod twin_client;
mod world;
