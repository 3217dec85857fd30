//! The authority that stores contain: it is found by its fingerprint, since names can be equal.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// How much of the fingerprint is in the name of the authority in a store, in bytes.
const SHORT: usize = 4;

/// An authority: its certificate and the file that has it.
#[derive(Debug)]
pub struct Authority {
    file: PathBuf,
    certificate: CertificateDer<'static>,
}

impl Authority {
    /// The authority whose certificate is in a file; `None` if it is no PEM file of a certificate.
    #[must_use]
    pub fn new(file: PathBuf, pem: &str) -> Option<Self> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        Some(Self { file, certificate })
    }

    /// The file of the certificate.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether a PEM text is this certificate.
    pub(super) fn is(&self, pem: &str) -> bool {
        CertificateDer::from_pem_slice(pem.as_bytes()).is_ok_and(|it| it == self.certificate)
    }

    /// The SHA-256 of the certificate, as `AB:CD:…`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let bytes = digest(&SHA256, &self.certificate);
        let bytes: Vec<String> = bytes.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(":")
    }

    /// The SHA-1 of the certificate, by which macOS finds it.
    pub(super) fn sha1(&self) -> String {
        let bytes = digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.certificate);
        bytes.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// Its name in a store: the same for the same certificate, and for no other.
    pub(super) fn name(&self) -> String {
        let bytes = digest(&SHA256, &self.certificate);
        let short: String = bytes.as_ref()[..SHORT].iter().map(|it| format!("{it:02x}")).collect();
        format!("runstate-{short}")
    }
}
