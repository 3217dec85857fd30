//! The embedded PostgreSQL with real processes: which data it keeps, which directories it refuses,
//! and what is left of it after every kind of end.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests' own SQL reads and prepares what they check"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod ends;
mod keeps;
mod support;
#[expect(dead_code, reason = "the tests of the server use all of it")]
mod system;

use embedded_postgres::EmbeddedPostgres;
use std::path::Path;
use support::{HOLD, NAME};

/// Not a test of its own: a [`support::Holder`] runs it.
#[tokio::test]
async fn holder() {
    let Ok(directory) = std::env::var(HOLD) else { return };
    let server = match directory.as_str() {
        "" => EmbeddedPostgres::start_temporary(NAME).await.unwrap(),
        directory => EmbeddedPostgres::start(NAME, Path::new(directory)).await.unwrap(),
    };
    println!("ready {}", server.connect_options().get_socket().unwrap().display());
    std::future::pending::<()>().await;
}
