//! Directories in the system's place for temporary files, each locked by the process whose it is.
//! Those of processes that are gone are swept by the next one that makes a directory.

use super::error::{Result, Trying};
use super::owner::Owner;
use super::{files, processes};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const PREFIX: &str = "runstate-";

/// The longest base below which the path of a socket fits into the 103 bytes of every system.
const LONGEST_BASE: usize = 60;

/// A directory that only its owner enters, removed when this value is dropped.
#[derive(Debug)]
pub(super) struct PrivateDirectory {
    pub(super) path: PathBuf,
    // The lock lies on the directory itself; systemd's cleaner leaves such directories alone.
    _lock: File,
}

impl PrivateDirectory {
    /// Makes one, after those that nobody holds any more have been removed.
    pub(super) fn create(owner: &Owner) -> Result<Self> {
        let base = base(owner);
        let base = fs::canonicalize(&base).trying("find", &base)?;
        sweep(&base, owner);
        let random = Uuid::new_v4().simple().to_string();
        let path = base.join(format!("{PREFIX}{}", &random[..12]));
        // It gets its name when it is locked: no sweep sees it earlier.
        let unnamed = base.join(format!(".{PREFIX}{random}"));
        files::make_private(&unnamed, owner)?;
        let lock = File::open(&unnamed).trying("open", &unnamed)?;
        lock.lock().trying("lock", &unnamed)?;
        fs::rename(&unnamed, &path).trying("create", &path)?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        if let Err(error) = files::remove_directory(&self.path) {
            tracing::warn!("could not remove {}: {error}", self.path.display());
        }
    }
}

/// The place for temporary files, unless a socket cannot have its path, or the database's user
/// may not write there.
fn base(owner: &Owner) -> PathBuf {
    let usual = std::env::temp_dir();
    let bytes = usual.as_os_str().as_bytes();
    // A comma parts several hosts for `psql`, and a quote ends the path in PostgreSQL's settings.
    let plain = usual.is_absolute() && !bytes.iter().any(|byte| b",\"".contains(byte));
    let fits = plain && bytes.len() <= LONGEST_BASE;
    if fits && owner.can("[ -w \"$1\" ] && [ -x \"$1\" ]", &usual) { usual } else { "/tmp".into() }
}

fn sweep(base: &Path, owner: &Owner) {
    let entries = fs::read_dir(base).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| is_ours(path, owner)) {
        let Ok(directory) = File::open(&path) else { continue };
        if directory.try_lock().is_ok() {
            processes::abort(&path.join("data"));
            if let Err(error) = files::remove_directory(&path) {
                tracing::debug!("left {} where it is: {error}", path.display());
            }
        }
    }
}

fn is_ours(path: &Path, owner: &Owner) -> bool {
    let named = path.file_name().is_some_and(|name| name.as_bytes().starts_with(PREFIX.as_bytes()));
    let ours = |metadata: fs::Metadata| metadata.is_dir() && metadata.uid() == owner.uid;
    named && fs::symlink_metadata(path).is_ok_and(ours)
}
