//! What answers each kind of request: one folder or file an endpoint.

pub mod batch;
pub mod describe;
pub mod graph;
