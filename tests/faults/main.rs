//! Faults, with real processes: the database and the server are stopped, killed, paused and cut
//! off under load. Each time what was acknowledged is there, once, the counters say what the rows
//! say, who is refused learns when to come back, and the server recovers by itself.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests' own SQL reads and prepares what they check"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says so by a panic"
)]

mod balancer;
mod disk;
mod limits;
mod link;
mod load;
mod logs;
mod network;
mod server;
mod servers;
mod stops;
#[path = "../../crates/embedded-postgres/tests/embedded/system.rs"]
mod system;
mod world;
