//! The files of a data directory that cannot be made again: the issuer's key, the certificate
//! authorities, and the credentials of the first start. Does not know what is in them.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use super::error::BackupError;
use super::keys::Files;
use crate::files::{self, PRIVATE, PUBLIC};

/// Each file, and the mode that it needs. The server's certificate is not among them, since the
/// authority makes it again.
const FILES: [(&str, u32); 6] = [
    ("first-run.json", PRIVATE),
    ("local-issuer.pem", PRIVATE),
    ("tls/ca-key.pem", PRIVATE),
    ("tls/ca.pem", PUBLIC),
    ("tls/microsoft/ca-key.pem", PRIVATE),
    ("tls/microsoft/ca.pem", PUBLIC),
];
/// Everyone may enter the directories of certificates.
const DIRECTORY: u32 = 0o755;

/// Reads the files that exist.
pub(super) fn read(directory: &Path) -> Result<Files, BackupError> {
    let mut files = Files::new();
    for (name, _) in FILES {
        if let Some(text) = read_one(&directory.join(name))? {
            files.insert(name.to_owned(), text);
        }
    }
    Ok(files)
}

/// Refuses to go on if a file exists with another content, or has a name that no backup gives it.
pub(super) fn check(directory: &Path, files: &Files) -> Result<(), BackupError> {
    for (name, text) in files {
        mode(name)?;
        let path = directory.join(name);
        if read_one(&path)?.is_some_and(|found| found != *text) {
            return Err(BackupError::OtherKey { path });
        }
    }
    Ok(())
}

/// Writes the files that do not exist.
pub(super) fn write(directory: &Path, files: &Files) -> Result<(), BackupError> {
    for (name, text) in files {
        let (path, mode) = (directory.join(name), mode(name)?);
        if !path.exists() {
            write_one(&path, text, mode).map_err(|cause| BackupError::Write { path, cause })?;
        }
    }
    Ok(())
}

fn mode(name: &str) -> Result<u32, BackupError> {
    let known = FILES.iter().find(|(known, _)| *known == name);
    known.map(|(_, mode)| *mode).ok_or_else(|| BackupError::UnknownMember(name.to_owned()))
}

fn read_one(path: &Path) -> Result<Option<String>, BackupError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(BackupError::KeyFile { path: path.to_owned(), cause }),
    }
}

fn write_one(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let directory = files::directory_of(path);
    DirBuilder::new().recursive(true).mode(DIRECTORY).create(directory)?;
    files::create(path, text, mode)
}
