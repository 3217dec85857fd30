//! Metrics: their names, labels and help texts as data, and the instruments that other rooms count
//! with. The text is that of `OpenMetrics`. Knows no other room, and not what it counts.

pub mod catalog;
mod exposition;
mod instruments;
mod process;

pub use exposition::{CONTENT_TYPE, Exposition};
pub use instruments::{Batches, CertificateEnd, Requests, SignIns, Stage, Stages, Tokens};
pub use process::Process;
