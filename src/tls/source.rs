//! Where the certificate of a server comes from.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::pair::Pair;
use super::{Development, TlsError};

/// How often files of the operator are compared. They are small.
const FILE_INTERVAL: Duration = Duration::from_secs(10);
/// How often the remaining time of a development certificate is checked. It is renewed weeks before
/// its end; the hour is for machines that sleep, whose timers stand still.
const DEVELOPMENT_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Where the certificate of a server comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Made by the development authority.
    Development(Development),
    /// The operator's own files, both in PEM format.
    Files {
        /// The certificate, then those of its issuers.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
}

impl Source {
    /// The current certificate and its key.
    pub(super) fn read(&self, now: SystemTime) -> Result<Pair, TlsError> {
        match self {
            Self::Development(development) => development.read(now),
            Self::Files { certificate, key } => {
                Ok(Pair { certificates: read(certificate)?, key: read(key)? })
            }
        }
    }

    /// The file of the certificate.
    pub(super) fn file(&self) -> PathBuf {
        match self {
            Self::Development(development) => development.server_file(),
            Self::Files { certificate, .. } => certificate.clone(),
        }
    }

    /// How often the certificate is read.
    pub(super) fn interval(&self) -> Duration {
        match self {
            Self::Development(_) => DEVELOPMENT_INTERVAL,
            Self::Files { .. } => FILE_INTERVAL,
        }
    }
}

fn read(path: &Path) -> Result<String, TlsError> {
    fs::read_to_string(path).map_err(|cause| TlsError::File { path: path.to_owned(), cause })
}
