//! Where a cluster lives: finds or makes its directory, and makes sure that nobody else uses it.
//! What exists already decides alone; an empty directory never takes the place of a lost one.

use super::error::{EmbeddedError, Result, Trying};
use super::files;
use super::owner::Owner;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where clusters live whose own place the database's user cannot enter.
pub(super) const SHARED: &str = "/var/lib/runstate";

const LOCK: &str = "lock";
const HOLDER: &str = "server.pid";

/// A directory for a cluster, ours as long as this value lives.
#[derive(Debug)]
pub(super) struct Home {
    /// The directory itself, free of links.
    pub(super) path: PathBuf,
    pub(super) owner: Owner,
    _lock: File,
}

impl Home {
    /// Finds or makes the directory and locks it.
    pub(super) fn claim(directory: &Path) -> Result<Self> {
        let directory = std::path::absolute(directory).trying("find", directory)?;
        let (path, owner) = settle(&directory)?;
        let lock = lock(&path, &owner, &directory)?;
        files::write(&path.join(HOLDER), &format!("{}\n", std::process::id()), 0o600, &owner)?;
        Ok(Self { path, owner, _lock: lock })
    }
}

/// The directory, free of links, and the user whose it is.
fn settle(directory: &Path) -> Result<(PathBuf, Owner)> {
    match fs::symlink_metadata(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(directory),
        Err(error) => Err(error).trying("look at", directory),
        Ok(metadata) if metadata.is_dir() && is_empty(directory).unwrap_or(false) => {
            make(directory)
        }
        Ok(_) => adopt(directory),
    }
}

/// Makes the directory, or a link in its place where the database's user cannot enter it.
fn make(directory: &Path) -> Result<(PathBuf, Owner)> {
    let owner = Owner::choose(None)?;
    let parent = directory.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).trying("create", parent)?;
    if owner.is_another() && !owner.can_enter(parent) {
        return make_elsewhere(directory, owner);
    }
    if directory.is_dir() {
        owner.give(directory).trying("change the owner of", directory)?;
    } else {
        files::make_private(directory, &owner)?;
    }
    let path = fs::canonicalize(directory).trying("find", directory)?;
    Ok((path, owner))
}

fn make_elsewhere(directory: &Path, owner: Owner) -> Result<(PathBuf, Owner)> {
    let target = Path::new(SHARED).join(flat_name(directory));
    let found = target.exists();
    if !found {
        files::make_shared(Path::new(SHARED))?;
        files::make_private(&target, &owner)?;
    }
    if directory.is_dir() {
        fs::remove_dir(directory).trying("put a link in the place of", directory)?;
    }
    symlink(&target, directory).trying("create the link", directory)?;
    if found {
        tracing::warn!("the database in {} was there before; it is used again", target.display());
        return adopt(directory);
    }
    tracing::info!("the database of {} lives in {}", directory.display(), target.display());
    Ok((target, owner))
}

/// Takes what is there as it is, or says why it cannot be taken.
fn adopt(directory: &Path) -> Result<(PathBuf, Owner)> {
    let named = || directory.to_owned();
    let path = match fs::canonicalize(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let target = fs::read_link(directory).unwrap_or_default();
            return Err(EmbeddedError::LinkBroken { directory: named(), target });
        }
        found => found.trying("find", directory)?,
    };
    let uid = fs::metadata(&path).trying("look at", &path)?.uid();
    let owner = Owner::choose(Some(uid))?;
    if owner.uid != uid {
        return Err(EmbeddedError::NotOurs { directory: named(), uid, user: owner.name });
    }
    if owner.is_another() && !owner.can_enter(&path) {
        return Err(EmbeddedError::Unreachable { directory: named(), user: owner.name });
    }
    if !path.join(LOCK).exists() && !is_empty(&path)? {
        return Err(EmbeddedError::Foreign { directory: named() });
    }
    Ok((path, owner))
}

/// Whether the directory holds nothing; what a fresh file system brings along does not count.
fn is_empty(directory: &Path) -> Result<bool> {
    let mut entries = fs::read_dir(directory).trying("read", directory)?;
    Ok(entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == "lost+found")))
}

/// One file name for a path; no two paths share one.
fn flat_name(path: &Path) -> OsString {
    let mut name = Vec::new();
    for byte in path.as_os_str().as_bytes().iter().skip(1) {
        match byte {
            b'/' => name.push(b'-'),
            b'-' => name.extend(b"%2D"),
            b'%' => name.extend(b"%25"),
            other => name.push(*other),
        }
    }
    OsString::from_vec(name)
}

fn lock(path: &Path, owner: &Owner, directory: &Path) -> Result<File> {
    let lock = path.join(LOCK);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&lock).trying("open", &lock)?;
    owner.give_file(&file).trying("change the owner of", &lock)?;
    // A program that is just being started by another thread holds our files for an instant.
    for _ in 0..10 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error).trying("lock", &lock),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    let holder = fs::read_to_string(path.join(HOLDER)).ok().map(|text| text.trim().to_owned());
    Err(EmbeddedError::InUse { directory: directory.to_owned(), holder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_names_differ() {
        assert_eq!(flat_name(Path::new("/root/run/.runstate")), "root-run-.runstate");
        assert_ne!(flat_name(Path::new("/a-b/c")), flat_name(Path::new("/a/b-c")));
        assert_ne!(flat_name(Path::new("/a%2Db")), flat_name(Path::new("/a-b")));
    }
}
