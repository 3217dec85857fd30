//! A PostgreSQL server of an application's own. It knows no schema and no application but by name.
#![doc = ""]
#![doc = include_str!("../README.md")]

mod cluster;
mod directory;
mod error;
mod files;
mod job;
mod name;
mod not_installed;
mod private_directory;
mod processes;
mod programs;
mod replacement;
mod running;
mod server;
mod supervisor;
mod upgrade;
mod user;

pub use error::Error;
pub use not_installed::NotInstalled;
pub use server::EmbeddedPostgres;
pub use upgrade::ClusterUpgrade;
