//! Upgrades from the last release to this version: what clients stored and keep is the same after it, and
//! servers of both versions work beside each other. `tests/upgrade/run` builds the last release; without
//! it, these tests say that they are left out.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod life;
#[path = "../faults/load.rs"]
#[expect(dead_code, reason = "the tests of faults use all of it")]
mod load;
mod program;
mod replies;
mod rolling;
#[path = "../../crates/embedded-postgres/tests/embedded/system.rs"]
#[expect(dead_code, reason = "other tests use all of it")]
mod system;
