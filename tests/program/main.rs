//! The program as a user starts it: its commands, its settings, and what a stop leaves behind.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod backup;
mod commands;
mod configuration;
mod directory;
mod doctor;
mod env;
mod https;
mod impersonation;
mod metrics;
#[path = "../api/harness/one_day.rs"]
mod one_day;
// The file that is always full is Linux's.
#[cfg(target_os = "linux")]
mod output;
#[cfg(target_os = "linux")]
mod package;
mod passphrase;
mod process;
mod restarts;
mod service_manager;
mod sign_in_log;
mod simulate;
#[path = "../faults/small_disk.rs"]
mod small_disk;
// On macOS, the commands would ask the person who tests.
#[cfg(target_os = "linux")]
mod trust;
mod upgrade_check;
mod upgrade_cluster;
