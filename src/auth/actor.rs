//! The actor of a change, for the record of it.

use std::net::IpAddr;

use super::{Caller, CallerKind, Identity};
use crate::message::Request;

/// Who makes a change, and by which request.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The kind of the caller.
    pub kind: CallerKind,
    /// The user and the application that the caller's token names.
    pub identity: Identity,
    /// The address from which the request came.
    pub address: IpAddr,
    /// The client's id of the request.
    pub client_request_id: String,
}

impl Actor {
    /// The actor of a change by a request.
    #[must_use]
    pub fn new(caller: &Caller, request: &Request) -> Self {
        let client_request_id = request.client_id.clone();
        let (kind, identity) = (caller.kind.clone(), caller.identity());
        Self { kind, identity, address: request.address, client_request_id }
    }
}
