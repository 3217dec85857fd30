//! `runstate health`: asks a server on this machine for its health, as a container does.

use std::net::SocketAddr;
use std::time::Duration;

use ureq::Agent;

use super::Failure;

/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn run(listen: SocketAddr) -> Result<(), Failure> {
    match status(listen, TIMEOUT)? {
        200 => Ok(()),
        status => Err(format!("the server answers {status}").into()),
    }
}

/// The status with which a server on this machine answers within a time.
pub(super) fn status(listen: SocketAddr, timeout: Duration) -> Result<u16, ureq::Error> {
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip.to_string(),
        _ => "127.0.0.1".into(),
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let url = format!("http://{host}:{}/health", listen.port());
    let config = Agent::config_builder().timeout_global(Some(timeout)).proxy(None);
    let agent = config.http_status_as_error(false).build().new_agent();
    Ok(agent.get(url).call()?.status().as_u16())
}
