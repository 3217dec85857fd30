//! The metrics of `runstate serve`: their socket, as the settings say.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use tokio_util::task::AbortOnDropHandle;

use super::Failure;
use crate::config::Settings;
use crate::http;
use crate::service::Service;

/// Listens, unless metrics are off. A port in use stops a server that was told to use it; by default
/// there are no metrics then.
pub(super) fn open(settings: &Settings) -> Result<Option<TcpListener>, Failure> {
    let Some(address) = settings.metrics_address() else { return Ok(None) };
    match TcpListener::bind(address) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if settings.metrics_listen.is_none() => {
            tracing::warn!(
                %address, %error,
                "metrics are off, because their address cannot be used: set RUNSTATE_METRICS_LISTEN"
            );
            Ok(None)
        }
        Err(error) => Err(format!(
            "cannot listen on {address} for metrics: {error}. Set RUNSTATE_METRICS_LISTEN to another \
             address, or to 'off'."
        )
        .into()),
    }
}

/// Where the metrics are, for someone who starts the server.
pub(super) fn greeting(listener: Option<&TcpListener>) -> io::Result<String> {
    Ok(match listener {
        Some(listener) => format!("\nMetrics: http://{}/metrics\n", listener.local_addr()?),
        None => String::new(),
    })
}

/// Serves the metrics until the value is dropped.
pub(super) fn serve(
    listener: Option<TcpListener>,
    service: &Arc<Service>,
) -> io::Result<Option<AbortOnDropHandle<io::Result<()>>>> {
    let Some(listener) = listener else { return Ok(None) };
    let server = http::serve_metrics(listener, Arc::clone(service))?;
    Ok(Some(AbortOnDropHandle::new(tokio::spawn(server))))
}
