//! A certificate chain and its key as PEM, and the configuration of a TLS server that uses them.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use x509_parser::prelude::X509Certificate;

/// The only protocol: the checks of requests read HTTP/1.
const PROTOCOL: &[u8] = b"http/1.1";

/// A certificate, with those of its issuers after it, and its private key, both as PEM.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificates: String,
    pub(super) key: String,
}

impl Pair {
    /// The configuration of a server, or what is wrong with the pair.
    pub(super) fn server_config(&self) -> Result<Arc<ServerConfig>, String> {
        let certificates = CertificateDer::pem_slice_iter(self.certificates.as_bytes());
        let certificates = certificates
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or("the certificate file is not a list of certificates in PEM format")?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())
            .map_err(|_| "the key file is not a private key in PEM format")?;
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_protocol_versions(&[&TLS13, &TLS12]);
        let mut config = builder
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(|error| format!("the certificate and the key cannot be used: {error}"))?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // Sessions live in the tickets of clients, so that any number of them can be resumed. A new
        // certificate comes with new keys for tickets, and is then seen by everyone.
        config.ticketer = Ticketer::new().map_err(|error| error.to_string())?;
        Ok(Arc::new(config))
    }
}

/// Whether a certificate ends within a time from now.
pub(super) fn ends_within(
    certificate: &X509Certificate<'_>,
    time: Duration,
    now: SystemTime,
) -> bool {
    let end = (now + time).duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(end).is_ok_and(|end| certificate.validity().not_after.timestamp() < end)
}
