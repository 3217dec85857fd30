//! The stream between a socket and an HTTP server. It knows HTTP/1 requests and time; it knows no
//! service and does not read replies.
#![doc = ""]
#![doc = include_str!("../README.md")]

mod connection;
mod refusal;
mod request;
mod sending;
mod settings;
mod stream;
mod timer;
mod writing;

pub use connection::{AfterReply, Connection, UnfinishedReply};
pub use refusal::{HeadersTooLarge, Malformed, Refusal};
pub use settings::{Limits, Settings, Timeouts};
pub use stream::StrictStream;
