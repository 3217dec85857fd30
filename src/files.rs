//! Files that are whole or absent: the text goes into a draft beside the file, and the draft gets the name of
//! the file when it is on disk. Knows no content.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use uuid::Uuid;

/// The mode of a file that only its owner may read.
pub const PRIVATE: u32 = 0o600;
/// The mode of a file that everyone may read.
pub const PUBLIC: u32 = 0o644;

/// Writes a file, and replaces one that exists.
///
/// # Errors
/// If the file cannot be written; an older one is unchanged then.
pub fn replace(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    publish(path, text, mode, |draft| fs::rename(draft, path))
}

/// Writes a file, unless another process has written one: that one stays.
///
/// # Errors
/// If the file cannot be written.
pub fn create(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    // A hard link, unlike a rename, never replaces a file.
    publish(path, text, mode, |draft| match fs::hard_link(draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    })
}

/// The directory of a file.
#[must_use]
pub fn directory_of(file: &Path) -> &Path {
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty());
    directory.unwrap_or(Path::new("."))
}

/// Stores the names of the files in the directory of a file.
///
/// # Errors
/// If the directory cannot be written.
pub fn sync_directory(file: &Path) -> io::Result<()> {
    File::open(directory_of(file))?.sync_all()
}

fn publish(
    path: &Path,
    text: &str,
    mode: u32,
    name: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let draft = path.with_added_extension(Uuid::new_v4().to_string());
    let named = write(&draft, text, mode).and_then(|()| name(&draft));
    let removed = match fs::remove_file(&draft) {
        // It was renamed, or never made.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    };
    named.and(removed)?;
    sync_directory(path)
}

fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path)?;
    file.write_all(text.as_bytes())?;
    // The umask of the process reduces the mode of a new file.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_or_kept_and_no_draft_is_left() {
        let directory = std::env::temp_dir().join(Uuid::new_v4().to_string());
        fs::create_dir(&directory).unwrap();
        let path = directory.join("key.pem");
        create(&path, "one", PRIVATE).unwrap();
        create(&path, "two", PRIVATE).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        replace(&path, "three", PUBLIC).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, PUBLIC);
        replace(&directory.join("absent/key.pem"), "four", PRIVATE).unwrap_err();
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        fs::remove_dir_all(&directory).unwrap();
    }
}
