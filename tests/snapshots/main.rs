//! Snapshots of everything that the program derives from the model without a database: the plan and
//! the SQL of requests, the descriptions of the API, and the table of errors. Each golden file of a
//! plan shows one request. A change of a golden file is a change that the database or clients see:
//! `INSTA_UPDATE=always cargo test --test snapshots` writes the files anew, `git diff` shows it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot continue reports why by its panic"
)]

mod condition_line;
mod descriptions;
mod errors;
mod expansions;
mod filters;
mod golden;
mod pages;
mod plan_line;
mod purity;
mod reads;
mod request;
mod retries;
mod simulation;
mod writes;
