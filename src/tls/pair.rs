//! A certificate chain and its key as PEM. It knows no server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::X509Certificate;

/// A certificate, with those of its issuers after it, and its private key, both as PEM.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificates: String,
    pub(super) key: String,
}

impl Pair {
    /// The pair as TLS uses it, or what is wrong with it.
    pub(super) fn certified_key(&self) -> Result<CertifiedKey, String> {
        let certificates = CertificateDer::pem_slice_iter(self.certificates.as_bytes());
        let certificates = certificates
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or("the certificate file is not a list of certificates in PEM format")?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())
            .map_err(|_| "the key file is not a private key in PEM format")?;
        CertifiedKey::from_der(certificates, key, &default_provider())
            .map_err(|error| format!("the certificate and the key cannot be used: {error}"))
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
