//! The configuration of a TLS server: protocols, and the certificate for each name. It knows no files.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};

use super::name::MICROSOFT;

/// The only protocol: the checks of requests read HTTP/1.
const PROTOCOL: &[u8] = b"http/1.1";

/// The certificates of a server.
#[derive(Debug)]
pub(super) struct ByName {
    /// For all names.
    pub(super) usual: Arc<CertifiedKey>,
    /// For the names of Microsoft, if the server impersonates them.
    pub(super) microsoft: Option<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_microsoft = hello.server_name().is_some_and(|name| MICROSOFT.contains(&name));
        let microsoft = self.microsoft.as_ref().filter(|_| is_microsoft);
        Some(Arc::clone(microsoft.unwrap_or(&self.usual)))
    }
}

/// The configuration of a server with these certificates.
pub(super) fn config(certificates: ByName) -> Result<Arc<ServerConfig>, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_protocol_versions(&[&TLS13, &TLS12])?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    // Sessions live in the tickets of clients, so that any number of them can be resumed. A new
    // certificate comes with new keys for tickets, and is then seen by everyone.
    config.ticketer = Ticketer::new()?;
    Ok(Arc::new(config))
}
