//! The space on the disk of a directory, and whether it is enough for some work. Knows no work.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::fs::statvfs;

use crate::findings::size;

/// The space of a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// As an ordinary user may use it.
    pub free: u64,
    pub total: u64,
}

/// A disk has too little space.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the disk of {} has {} free, and {work} needs about {}; nothing was changed",
    directory.display(), size(*free), size(*needed)
)]
pub struct DiskTooSmall {
    work: &'static str,
    directory: PathBuf,
    free: u64,
    needed: u64,
}

impl Space {
    /// The space of the file system of a directory.
    ///
    /// # Errors
    /// If the directory cannot be reached.
    pub fn of(directory: &Path) -> io::Result<Self> {
        let found = statvfs(directory)?;
        let size = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Ok(Self { free: size(found.f_bavail), total: size(found.f_blocks) })
    }

    /// Some file systems of a network do not say how large they are.
    fn is_less_than(self, needed: u64) -> bool {
        self.total > 0 && self.free < needed
    }
}

/// Checks that there is space for some work: so many bytes in each directory. Directories on one disk share
/// its space. One whose space cannot be read is left to the work itself.
///
/// # Errors
/// If a disk has too little space.
pub fn check_space(work: &'static str, needs: &[(&Path, u64)]) -> Result<(), DiskTooSmall> {
    let mut disks: BTreeMap<u64, u64> = BTreeMap::new();
    for (directory, bytes) in needs {
        let (Ok(metadata), Ok(space)) = (fs::metadata(directory), Space::of(directory)) else {
            continue;
        };
        let needed = disks.entry(metadata.dev()).or_default();
        *needed = needed.saturating_add(*bytes);
        if space.is_less_than(*needed) {
            let directory = directory.to_path_buf();
            return Err(DiskTooSmall { work, directory, free: space.free, needed: *needed });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_a_size_is_never_too_small() {
        assert!(Space { free: 9, total: 100 }.is_less_than(10));
        assert!(!Space { free: 10, total: 100 }.is_less_than(10));
        assert!(!Space { free: 0, total: 0 }.is_less_than(10));
    }

    #[test]
    fn directories_on_one_disk_share_its_space() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (one, other) = (directory.join("src"), directory.join("tests"));
        assert_eq!(check_space("the test", &[(&one, 1), (&other, 1)]), Ok(()));
        let alone = check_space("the test", &[(&one, u64::MAX)]).unwrap_err();
        assert_eq!((alone.directory, alone.needed), (one.clone(), u64::MAX));
        let both = check_space("the test", &[(&one, 1), (&other, u64::MAX - 1)]).unwrap_err();
        assert_eq!((both.directory, both.needed), (other, u64::MAX));
        assert_eq!(check_space("the test", &[(&one.join("missing"), u64::MAX)]), Ok(()));
    }

    #[test]
    fn the_refusal_has_the_numbers() {
        let directory = PathBuf::from("/backups");
        let refused = DiskTooSmall { work: "a backup", directory, free: 3 << 20, needed: 5 << 30 };
        let expected = "the disk of /backups has 3.0 MB free, and a backup needs about 5.0 GB; \
                        nothing was changed";
        assert_eq!(refused.to_string(), expected);
    }
}
