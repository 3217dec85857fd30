//! Runstate: Microsoft Graph's device management scripts and their run states, self-hosted.
//! The rooms stand here in the order in which a reader meets them; ARCHITECTURE.md has the map.

// Only `commands::output` prints: `println!` panics when its reader has gone.
#![warn(clippy::print_stdout)]

pub mod commands;
pub mod config;
pub mod doctor;
pub mod getting_started;
pub mod log;
pub mod simulate;

pub mod http;
pub mod proxies;
pub mod tls;
pub mod trust;

pub mod endpoints;
pub mod route;
pub mod service;

pub mod auth;
pub mod backup;
pub mod clock;
pub mod database;
pub mod directory;
pub mod disk;
pub mod files;
pub mod findings;
pub mod headers;
pub mod loopback;
pub mod model;
pub mod odata;
pub mod plan;
pub mod respond;
pub mod retention;
pub mod sql;
pub mod store;
pub mod twin;
pub mod upgrade;

pub mod error;
pub mod message;
pub mod metrics;
