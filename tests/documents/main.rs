//! The documents against the code: what they repeat of the code is generated and compared, links lead
//! somewhere, and named tests exist. `UPDATE_DOCS=1 cargo test --test documents` rewrites what is
//! generated.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot continue reports why by its panic"
)]

mod compose;
mod configuration;
mod constants;
mod doctor;
mod document;
mod errors;
mod limits;
mod links;
mod metrics;
mod paths;
mod permissions;
mod routes;
mod security;
mod troubleshooting;
