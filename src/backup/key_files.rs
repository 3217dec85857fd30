//! The files of a data directory that cannot be made again: the issuer's key, the certificate
//! authorities, and the credentials of the first start. Does not know what is in them.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use uuid::Uuid;

use super::error::BackupError;
use super::keys::Files;

/// Each file, and the mode that it needs. The server's certificate is not among them, since the
/// authority makes it again.
const FILES: [(&str, u32); 6] = [
    ("first-run.json", 0o600),
    ("local-issuer.pem", 0o600),
    ("tls/ca-key.pem", 0o600),
    ("tls/ca.pem", 0o644),
    ("tls/microsoft/ca-key.pem", 0o600),
    ("tls/microsoft/ca.pem", 0o644),
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

/// Writes the files that do not exist. Each gets its name when it is on disk.
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
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(DIRECTORY).create(folder)?;
    let draft = path.with_extension(format!("{}.new", Uuid::new_v4()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file.write_all(text.as_bytes());
    let written = written.and_then(|()| file.set_permissions(Permissions::from_mode(mode)));
    let written = written.and_then(|()| file.sync_all());
    written.and_then(|()| fs::rename(&draft, path)).inspect_err(|_| {
        fs::remove_file(&draft).ok();
    })?;
    fs::File::open(folder)?.sync_all()
}
