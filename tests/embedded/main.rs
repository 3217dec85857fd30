//! The embedded PostgreSQL, tried with real processes: what it keeps, whom it refuses, and what
//! is left of it after every kind of end.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests' own SQL reads and prepares what they check"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod ends;
mod keeps;
mod support;
mod system;

use runstate::embedded::EmbeddedPostgres;
use std::path::Path;
use support::HOLD;

/// Not a test of its own: what a [`support::Holder`] runs.
#[tokio::test]
async fn holder() {
    let Ok(directory) = std::env::var(HOLD) else { return };
    let server = match directory.as_str() {
        "" => EmbeddedPostgres::start_temporary().await.unwrap(),
        directory => EmbeddedPostgres::start(Path::new(directory)).await.unwrap(),
    };
    println!("ready {}", server.connect_options().get_socket().unwrap().display());
    std::future::pending::<()>().await;
}
