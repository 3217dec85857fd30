//! Runstate: Microsoft Graph's device management scripts and their run states, self-hosted.
//! The rooms stand here in the order in which a reader meets them; ARCHITECTURE.md has the map.

pub mod embedded;
pub mod error;
pub mod message;
