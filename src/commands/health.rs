//! `runstate health`: asks a server on this machine for its health, as a container does.

use std::net::SocketAddr;
use std::time::Duration;

use ureq::Agent;

use super::Failure;

/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn run(listen: SocketAddr) -> Result<(), Failure> {
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip.to_string(),
        _ => "127.0.0.1".into(),
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let url = format!("http://{host}:{}/health", listen.port());
    let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).proxy(None).build();
    config.new_agent().get(url).call()?;
    Ok(())
}
