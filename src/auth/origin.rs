//! The origin of a change, for the record of it.

use std::net::IpAddr;

use super::Caller;
use crate::message::Request;

/// Who makes a change, and by which request.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The caller.
    pub caller: Caller,
    /// The address from which the request came.
    pub address: IpAddr,
    /// The client's id of the request.
    pub client_request_id: String,
}

impl Origin {
    /// The origin of a change by a request.
    #[must_use]
    pub fn new(caller: &Caller, request: &Request) -> Self {
        let (caller, client_request_id) = (caller.clone(), request.client_id.clone());
        Self { caller, address: request.address, client_request_id }
    }
}
