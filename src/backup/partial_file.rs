//! A file that gets its name when it is complete. Until then it has the suffix `.partial`, and is locked
//! by its process; it is removed with the value. Knows no content.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::files::{PRIVATE, sync_directory};

/// The suffix of a file that is not complete.
const SUFFIX: &str = ".partial";

#[derive(Debug)]
pub(super) struct PartialFile {
    file: File,
    path: PathBuf,
    target: PathBuf,
    replaces: bool,
    has_name: bool,
}

impl PartialFile {
    /// Creates the file, which only its owner can read. What a killed process left is overwritten.
    /// `replaces` says whether the target may exist.
    pub(super) fn create(target: &Path, replaces: bool) -> io::Result<Self> {
        refuse_existing(target, replaces)?;
        let mut path = OsString::from(target);
        path.push(SUFFIX);
        let path = PathBuf::from(path);
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(PRIVATE).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another process writes it"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Another backup may have given the file its name before the lock was taken.
        let (locked, found) = (file.metadata()?, fs::metadata(&path)?);
        if (locked.dev(), locked.ino()) != (found.dev(), found.ino()) {
            return Err(io::Error::other("another process writes it"));
        }
        file.set_len(0)?;
        Ok(Self { file, path, target: target.to_owned(), replaces, has_name: false })
    }

    /// Gives the file its name, after everything is on disk.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        self.rename()?;
        sync_directory(&self.target)
    }

    fn rename(&mut self) -> io::Result<()> {
        refuse_existing(&self.target, self.replaces)?;
        fs::rename(&self.path, &self.target)?;
        self.has_name = true;
        Ok(())
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // Once this file has its name, a file at `path` is that of another process.
        if !self.has_name {
            fs::remove_file(&self.path).ok();
        }
    }
}

fn refuse_existing(target: &Path, replaces: bool) -> io::Result<()> {
    match fs::symlink_metadata(target) {
        Ok(found) if found.is_dir() => Err(io::Error::other("it is a directory")),
        Ok(_) if !replaces => Err(io::Error::other("it exists already; --force replaces it")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_file_is_removed_unless_it_is_complete() {
        let directory = std::env::temp_dir().join(Uuid::new_v4().to_string());
        fs::create_dir(&directory).unwrap();
        let target = directory.join("backup");
        drop(PartialFile::create(&target, false).unwrap());
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
        let mut file = PartialFile::create(&target, false).unwrap();
        file.write_all(b"all").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"all");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_file_with_its_name_leaves_the_next_one_alone() {
        let directory = std::env::temp_dir().join(Uuid::new_v4().to_string());
        fs::create_dir(&directory).unwrap();
        let target = directory.join("backup");
        let mut first = PartialFile::create(&target, true).unwrap();
        first.write_all(b"first").unwrap();
        first.rename().unwrap();
        let mut next = PartialFile::create(&target, true).unwrap();
        next.write_all(b"next").unwrap();
        drop(first);
        assert_eq!(fs::read(&target).unwrap(), b"first");
        next.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"next");
        fs::remove_dir_all(&directory).unwrap();
    }
}
