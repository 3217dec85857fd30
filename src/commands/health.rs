//! `runstate health`: asks a server on this machine for its health, as a container does.

use std::net::SocketAddr;
use std::time::Duration;

use ureq::Agent;

use super::{Failure, output};
use crate::config::HealthOptions;
use crate::loopback::reachable;

/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Prints the answer of a server that is healthy; the answer of another one is the error.
pub(super) fn run(listen: SocketAddr, options: HealthOptions) -> Result<(), Failure> {
    let path = match options {
        HealthOptions { live: true, .. } => "/health/live",
        HealthOptions { ready: true, .. } => "/health/ready",
        HealthOptions { .. } => "/health",
    };
    match ask(listen, path, TIMEOUT)? {
        (200, text) => output::line(text),
        (status, text) => Err(format!("the server answers {status}: {text}").into()),
    }
}

/// Status and body with which a server on this machine answers within a time.
pub(super) fn ask(
    listen: SocketAddr,
    path: &str,
    timeout: Duration,
) -> Result<(u16, String), ureq::Error> {
    let url = format!("http://{}{path}", reachable(listen));
    let config = Agent::config_builder().timeout_global(Some(timeout)).proxy(None);
    let agent = config.http_status_as_error(false).build().new_agent();
    let mut reply = agent.get(url).call()?;
    Ok((reply.status().as_u16(), reply.body_mut().read_to_string()?))
}
