//! HTTPS of `runstate serve`: its socket and its certificate, as the settings say.

use std::net::{SocketAddr, TcpListener};

use super::Failure;
use crate::config::Settings;
use crate::http::TlsListener;
use crate::loopback::reachable;
use crate::tls::{Certificates, Development, Source};

/// The HTTPS listener of a server: its certificates and its address. The socket is in [`TlsListener`].
pub(super) struct Https {
    /// The certificates that the listener presents. They are renewed while the server runs.
    pub(super) certificates: Certificates,
    /// The address that the socket is bound to: with the chosen port where the setting has port 0.
    pub(super) address: SocketAddr,
    /// The URL by which clients reach the listener, such as `https://localhost:8443`.
    pub(super) base: String,
}

impl Https {
    /// Binds the socket and opens the certificates. `None` if HTTPS is off.
    pub(super) fn open(settings: &Settings) -> Result<Option<(TlsListener, Self)>, Failure> {
        let Some(address) = settings.tls_address() else {
            warn_of_plain_text(settings);
            return match settings.tls.impersonate_microsoft {
                true => Err("--impersonate-microsoft needs HTTPS. Set RUNSTATE_TLS_LISTEN.".into()),
                false => Ok(None),
            };
        };
        let listener = TcpListener::bind(address).map_err(|error| {
            format!(
                "cannot listen on {address} for HTTPS: {error}. Set RUNSTATE_TLS_LISTEN to another \
                 address, or to 'off'."
            )
        })?;
        if let Some(impersonation) = impersonation(settings) {
            if settings.public_url.is_some() {
                return Err("--impersonate-microsoft and --public-url exclude each other: links \
                            must lead to the hosts of Microsoft."
                    .into());
            }
            let authority = impersonation.certificate_file();
            tracing::warn!(
                authority = %authority.display(),
                "this server has certificates for hosts of Microsoft: trust their authority only in \
                 programs that must use this server"
            );
        }
        let certificates = Certificates::open(source(settings), impersonation(settings))?;
        let address = listener.local_addr()?;
        let base = base(settings, address);
        let listener = TlsListener { listener, config: certificates.config() };
        Ok(Some((listener, Self { certificates, address, base })))
    }
}

/// The development certificates of this server.
pub(super) fn development(settings: &Settings) -> Development {
    let address = settings.tls_address().map(|address| address.ip());
    Development::new(&settings.data_dir, address, &settings.tls.names)
}

/// The certificates for the names of Microsoft, if this server has them.
pub(super) fn impersonation(settings: &Settings) -> Option<Development> {
    settings.tls.impersonate_microsoft.then(|| Development::impersonation(&settings.data_dir))
}

fn source(settings: &Settings) -> Source {
    match (&settings.tls.certificate, &settings.tls.key) {
        (Some(certificate), Some(key)) => {
            Source::Files { certificate: certificate.clone(), key: key.clone() }
        }
        _ => Source::Development(development(settings)),
    }
}

/// The base URL of a server that listens on an address for HTTPS.
pub(super) fn base(settings: &Settings, address: SocketAddr) -> String {
    match &settings.public_url {
        Some(url) if url.starts_with("https:") => url.clone(),
        _ if reachable(address).ip().is_loopback() => {
            format!("https://localhost:{}", address.port())
        }
        _ => format!("https://{address}"),
    }
}

/// Tokens that are sent in plain text can be read on their way, unless they stay on the machine.
fn warn_of_plain_text(settings: &Settings) {
    let is_proxied = settings.public_url.as_ref().is_some_and(|url| url.starts_with("https:"));
    if !settings.listen.ip().is_loopback() && !is_proxied {
        let listen = settings.listen;
        tracing::warn!(
            %listen,
            "tokens from other machines come in plain text: set RUNSTATE_TLS_LISTEN, or \
             RUNSTATE_PUBLIC_URL to the https address of a proxy"
        );
    }
}
