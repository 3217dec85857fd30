//! The files of a directory of certificates, and their modes. Knows no certificates.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::TlsError;
use crate::files::{self, PRIVATE, PUBLIC};

/// Everyone may read the certificates.
const DIRECTORY_MODE: u32 = 0o755;

/// A directory that no other process writes to, as long as the value lives.
pub(super) struct LockedDirectory {
    path: PathBuf,
    _lock: File,
}

impl LockedDirectory {
    /// Opens a directory, which is created if it does not exist. Waits for other processes.
    pub(super) fn open(path: &Path) -> Result<Self, TlsError> {
        let fail = |cause| TlsError::File { path: path.to_owned(), cause };
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(DIRECTORY_MODE).create(path).map_err(fail)?;
        let lock = File::open(path).map_err(fail)?;
        lock.lock().map_err(fail)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The text of a file, unless it does not exist.
    pub(super) fn read(&self, name: &str) -> Result<Option<String>, TlsError> {
        let path = self.path(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(TlsError::File { path, cause }),
        }
    }

    /// The text of a file that only its owner may read, unless it does not exist.
    pub(super) fn read_private(&self, name: &str) -> Result<Option<String>, TlsError> {
        let text = self.read(name)?;
        let path = self.path(name);
        if text.is_some() {
            let metadata = fs::metadata(&path);
            let metadata =
                metadata.map_err(|cause| TlsError::File { path: path.clone(), cause })?;
            let mode = metadata.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(TlsError::Exposed { path, mode });
            }
        }
        Ok(text)
    }

    /// Writes a file that everyone may read, unless it has this text already.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), TlsError> {
        match fs::read(self.path(name)) {
            Ok(old) if old == text.as_bytes() => Ok(()),
            _ => self.replace(name, text, PUBLIC),
        }
    }

    /// Writes a file that only its owner may read.
    pub(super) fn write_private(&self, name: &str, text: &str) -> Result<(), TlsError> {
        self.replace(name, text, PRIVATE)
    }

    fn replace(&self, name: &str, text: &str, mode: u32) -> Result<(), TlsError> {
        let path = self.path(name);
        files::replace(&path, text, mode).map_err(|cause| TlsError::File { path, cause })
    }
}
