//! When a certificate ends. Knows no key and no server.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use x509_parser::pem::Pem;

use super::TlsError;

/// When the certificate in a PEM file ends, or one of its issuers in the file, whichever is first.
///
/// # Errors
/// If the file cannot be read, or has no certificate.
pub fn certificate_end(path: &Path) -> Result<SystemTime, TlsError> {
    let file = |cause| TlsError::File { path: path.to_owned(), cause };
    let text = fs::read_to_string(path).map_err(file)?;
    first_end(&text).ok_or_else(|| TlsError::Content {
        path: path.to_owned(),
        problem: "is not a list of certificates in PEM format".into(),
    })
}

/// The first end of the certificates in a PEM text.
pub(super) fn first_end(text: &str) -> Option<SystemTime> {
    let ends = Pem::iter_from_buffer(text.as_bytes()).map(|pem| {
        let seconds = pem.ok()?.parse_x509().ok()?.validity().not_after.timestamp();
        Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
    });
    ends.collect::<Option<Vec<_>>>()?.into_iter().min()
}
