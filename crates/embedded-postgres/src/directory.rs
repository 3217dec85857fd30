//! The directory of a cluster: finds or creates it, and makes sure that no other server uses it. A
//! directory that exists is used or refused; an empty one is never created in its place.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, IoContext, Result};
use crate::name::Name;
use crate::user::User;
use crate::{files, processes};

/// Below this the clusters are whose given directory the user of PostgreSQL cannot enter.
const SHARED: &str = "/var/lib";

const LOCK: &str = "lock";
const HOLDER: &str = "server.pid";
/// How often the lock is tried while no other process uses the directory, and how far apart: two seconds,
/// since a busy machine starts programs slowly.
const LOCK_ATTEMPTS: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The directory of a cluster, locked as long as this value lives.
#[derive(Debug)]
pub(crate) struct Directory {
    /// The directory itself, free of links.
    pub(crate) path: PathBuf,
    pub(crate) user: User,
    _lock: File,
}

impl Directory {
    /// Finds or creates the directory and locks it.
    pub(crate) fn claim(name: &Name, directory: &Path) -> Result<Self> {
        let directory = std::path::absolute(directory).context("find", directory)?;
        let (path, user) = find_or_create(name, &directory)?;
        let lock = lock(&path, &user, &directory)?;
        files::write(&path.join(HOLDER), &format!("{}\n", std::process::id()), 0o600, &user)?;
        Ok(Self { path, user, _lock: lock })
    }
}

/// The directory, free of links, and its user.
fn find_or_create(name: &Name, directory: &Path) -> Result<(PathBuf, User)> {
    match fs::symlink_metadata(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(name, directory),
        Err(error) => Err(error).context("look at", directory),
        Ok(metadata) if metadata.is_dir() && is_empty(directory).unwrap_or(false) => {
            create(name, directory)
        }
        Ok(_) => adopt(directory),
    }
}

/// Creates the directory, or a link in its place where the user of PostgreSQL cannot enter it.
fn create(name: &Name, directory: &Path) -> Result<(PathBuf, User)> {
    let user = User::choose(None)?;
    let parent = directory.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).context("create", parent)?;
    if user.is_another() && !user.can_enter(parent) {
        return create_elsewhere(name, directory, user);
    }
    if directory.is_dir() {
        user.give(directory).context("change the owner of", directory)?;
    } else {
        files::make_private(directory, &user)?;
    }
    let path = fs::canonicalize(directory).context("find", directory)?;
    Ok((path, user))
}

fn create_elsewhere(name: &Name, directory: &Path, user: User) -> Result<(PathBuf, User)> {
    let shared = Path::new(SHARED).join(name.as_str());
    let target = shared.join(flat_name(directory));
    let found = target.exists();
    if !found {
        files::make_shared(&shared)?;
        files::make_private(&target, &user)?;
    }
    if directory.is_dir() {
        fs::remove_dir(directory).context("put a link in the place of", directory)?;
    }
    symlink(&target, directory).context("create the link", directory)?;
    if found {
        tracing::warn!("the database in {} existed already; it is used again", target.display());
        return adopt(directory);
    }
    tracing::info!("the database of {} is in {}", directory.display(), target.display());
    Ok((target, user))
}

/// Uses what exists as it is, or says why it cannot be used.
fn adopt(directory: &Path) -> Result<(PathBuf, User)> {
    let named = || directory.to_owned();
    let path = match fs::canonicalize(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let target = fs::read_link(directory).unwrap_or_default();
            return Err(Error::LinkBroken { directory: named(), target });
        }
        found => found.context("find", directory)?,
    };
    let uid = fs::metadata(&path).context("look at", &path)?.uid();
    let user = User::choose(Some(uid))?;
    if user.uid != uid {
        return Err(Error::NotOurs { directory: named(), uid, user: user.name });
    }
    if user.is_another() && !user.can_enter(&path) {
        return Err(Error::Unreachable { directory: named(), user: user.name });
    }
    if !path.join(LOCK).exists() && !is_empty(&path)? {
        return Err(Error::Foreign { directory: named() });
    }
    Ok((path, user))
}

/// Whether the directory is empty. What a new file system contains does not count.
fn is_empty(directory: &Path) -> Result<bool> {
    let mut entries = fs::read_dir(directory).context("read", directory)?;
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

fn lock(path: &Path, user: &User, directory: &Path) -> Result<File> {
    let lock = path.join(LOCK);
    let file = files::open_or_create(&lock, user).context("open", &lock)?;
    let holder = || files::read(&path.join(HOLDER)).ok().map(|text| text.trim().to_owned());
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error).context("lock", &lock),
            Err(TryLockError::WouldBlock) if holder().is_some_and(|it| is_another(&it)) => break,
            // A program that another thread is starting holds our files for a moment.
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
        }
    }
    Err(Error::InUse { directory: directory.to_owned(), holder: holder() })
}

/// Whether a process runs that is not this one.
fn is_another(holder: &str) -> bool {
    let pid = holder.parse().ok().filter(|pid| *pid != std::process::id());
    pid.is_some_and(processes::exists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_a_link_is_not_opened() {
        let scratch = std::env::temp_dir().join(format!("lock-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&scratch).unwrap();
        fs::write(scratch.join("target"), "").unwrap();
        symlink("target", scratch.join(LOCK)).unwrap();
        let error = lock(&scratch, &User::choose(None).unwrap(), &scratch).unwrap_err();
        let owner = fs::metadata(scratch.join("target")).unwrap().uid();
        let our_own = fs::metadata(&scratch).unwrap().uid();
        fs::remove_dir_all(&scratch).unwrap();
        assert!(error.to_string().starts_with("could not open "), "{error}");
        assert_eq!(owner, our_own);
    }

    #[test]
    fn flat_names_differ() {
        assert_eq!(flat_name(Path::new("/root/run/.data")), "root-run-.data");
        assert_ne!(flat_name(Path::new("/a-b/c")), flat_name(Path::new("/a/b-c")));
        assert_ne!(flat_name(Path::new("/a%2Db")), flat_name(Path::new("/a-b")));
    }
}
