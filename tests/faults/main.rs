//! Faults with real processes: under load, the database and the server are stopped, killed, paused
//! and disconnected, and a standby takes over. After each fault, every acknowledged row exists exactly once, the counters
//! match the rows, refused clients got a `Retry-After`, and the server recovers without help.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests prepare and inspect the database with their own SQL"
)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod backup;
mod balancer;
mod behind_proxies;
mod disk;
mod doctor;
mod failover;
mod haproxy;
mod health;
mod kept;
mod limits;
mod link;
mod load;
mod logs;
mod maintenance;
mod moving;
mod network;
mod one_map;
mod parts;
mod proxies;
mod replicated;
mod server;
mod servers;
mod small_disk;
mod starting;
mod stops;
#[path = "../../crates/embedded-postgres/tests/embedded/system.rs"]
mod system;
mod world;
