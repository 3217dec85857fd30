//! Directories in the system's directory for temporary files, or in memory, each locked by its process.
//! Those of processes that are gone are removed by the next process that creates one.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;
use uuid::Uuid;

use crate::error::{IoContext, Result};
use crate::name::Name;
use crate::user::User;
use crate::{files, processes};

/// The longest base below which the path of a socket fits into the 103 bytes of every system: then
/// come `/NAME-`, 12 characters, and `/.s.PGSQL.5432`.
const LONGEST_BASE: usize = 60;
/// The file system in memory that Linux has for shared memory.
const MEMORY: &str = "/dev/shm";
/// The file in each such directory, by which other directories of the same user are told from it.
const MARK: &str = "embedded-postgres";
/// How much must be free there, in bytes. A container often has 64 MiB.
const ROOM: u64 = 2 * 1024 * 1024 * 1024;

/// A directory that only its user may enter, removed when this value is dropped.
#[derive(Debug)]
pub(crate) struct PrivateDirectory {
    pub(crate) path: PathBuf,
    // The lock lies on the directory itself; systemd's cleaner leaves such directories alone.
    _lock: File,
}

impl PrivateDirectory {
    /// Creates one, after those that no process holds any more have been removed.
    pub(crate) fn create(name: &Name, user: &User) -> Result<Self> {
        Self::create_below(&base(user), name, user)
    }

    /// Creates one in memory, where there is room for that; else like [`PrivateDirectory::create`].
    pub(crate) fn create_in_memory(name: &Name, user: &User) -> Result<Self> {
        let memory = Path::new(MEMORY);
        let room = statvfs(memory).map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize));
        match room >= ROOM && is_usable(memory, user) {
            true => Self::create_below(memory, name, user),
            false => Self::create(name, user),
        }
    }

    fn create_below(base: &Path, name: &Name, user: &User) -> Result<Self> {
        let base = fs::canonicalize(base).context("find", base)?;
        let prefix = format!("{name}-");
        sweep(&base, &prefix, user);
        let random = Uuid::new_v4().simple().to_string();
        let path = base.join(format!("{prefix}{}", &random[..12]));
        // It gets its name when it is locked, so that no other process removes it before.
        let unnamed = base.join(format!(".{prefix}{random}"));
        files::make_private(&unnamed, user)?;
        files::write(&unnamed.join(MARK), "", 0o600, user)?;
        let lock = File::open(&unnamed).context("open", &unnamed)?;
        lock.lock().context("lock", &unnamed)?;
        fs::rename(&unnamed, &path).context("create", &path)?;
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

/// The directory for temporary files, unless a socket cannot have its path, or the user may not write
/// there.
fn base(user: &User) -> PathBuf {
    let usual = std::env::temp_dir();
    let bytes = usual.as_os_str().as_bytes();
    // A comma separates hosts for `psql`, and a quote ends the path in PostgreSQL's settings.
    let plain = usual.is_absolute() && !bytes.iter().any(|byte| b",\"".contains(byte));
    let fits = plain && bytes.len() <= LONGEST_BASE;
    if fits && is_usable(&usual, user) { usual } else { "/tmp".into() }
}

fn is_usable(directory: &Path, user: &User) -> bool {
    user.can("[ -w \"$1\" ] && [ -x \"$1\" ]", directory)
}

fn sweep(base: &Path, prefix: &str, user: &User) {
    let entries = fs::read_dir(base).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| is_ours(path, prefix, user)) {
        let Ok(directory) = File::open(&path) else { continue };
        if directory.try_lock().is_ok() {
            processes::abort(&path.join("data"));
            if let Err(error) = files::remove_directory(&path) {
                tracing::debug!("left {} where it is: {error}", path.display());
            }
        }
    }
}

fn is_ours(path: &Path, prefix: &str, user: &User) -> bool {
    let named = path.file_name().is_some_and(|name| name.as_bytes().starts_with(prefix.as_bytes()));
    let ours = |metadata: fs::Metadata| metadata.is_dir() && metadata.uid() == user.uid;
    named && fs::symlink_metadata(path).is_ok_and(ours) && path.join(MARK).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_directories_are_removed() {
        let user = User::choose(None).unwrap();
        let base = std::env::temp_dir().join(format!("sweep-{}", Uuid::new_v4().simple()));
        files::make_shared(&base).unwrap();
        for name in ["x-backups", "x-0123456789ab", "x-abandoned"] {
            files::make_private(&base.join(name), &user).unwrap();
        }
        fs::write(base.join("x-backups/file"), "kept").unwrap();
        fs::write(base.join("x-abandoned").join(MARK), "").unwrap();
        sweep(&base, "x-", &user);
        let mut left: Vec<_> =
            fs::read_dir(&base).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        fs::remove_dir_all(&base).unwrap();
        assert_eq!(left, ["x-0123456789ab", "x-backups"]);
    }
}
