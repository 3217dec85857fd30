//! Files and directories: written whole, given to their user, removed, read at their end. It knows
//! no PostgreSQL.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::fs::OFlags;

use crate::error::{IoContext, Result};
use crate::user::User;

/// How often the removal of a directory is tried in which someone still writes, and how far apart.
const REMOVALS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);
/// How much of a log is quoted, in lines; they are looked for in so many bytes.
const TAIL_LINES: usize = 20;
const TAIL_BYTES: u64 = 4096;

/// Writes a file whole or not at all, and never through a link: we may be root in the directory of
/// another user.
pub(crate) fn write(path: &Path, text: &str, mode: u32, user: &User) -> Result<()> {
    let new = path.with_added_extension("new");
    let attempt = || -> io::Result<()> {
        remove_file(&new)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
        file.write_all(text.as_bytes())?;
        user.give_file(&file)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    attempt().context("write", path)
}

/// Opens a file for reading and writing, never through a link. One that is new belongs to the user; one
/// that exists keeps its owner.
pub(crate) fn open_or_create(path: &Path, user: &User) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    match options.clone().create_new(true).open(path) {
        Ok(file) => user.give_file(&file).map(|()| file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

/// The text of a file, never through a link.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    io::read_to_string(options.open(path)?)
}

/// Creates a directory that only its user may enter.
pub(crate) fn make_private(path: &Path, user: &User) -> Result<()> {
    DirBuilder::new().mode(0o700).create(path).context("create", path)?;
    user.give(path).context("change the owner of", path)
}

/// Creates a directory that everyone may enter, whatever our umask is.
pub(crate) fn make_shared(path: &Path) -> Result<()> {
    let make = || -> io::Result<()> {
        if !path.is_dir() {
            fs::create_dir_all(path)?;
            fs::set_permissions(path, Permissions::from_mode(0o755))?;
        }
        Ok(())
    };
    make().context("create", path)
}

/// Removes a file that may be absent.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a directory that may be absent, or in which a process that is about to end still writes.
pub(crate) fn remove_directory(path: &Path) -> io::Result<()> {
    let mut attempts = REMOVALS;
    loop {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && attempts > 0 => {
                attempts -= 1;
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

/// The last lines of a log, or why there are none.
pub(crate) fn tail(path: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    match read() {
        Ok(text) => {
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
        }
        Err(error) => format!("(no log: {error})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_has_the_last_lines() {
        let path = std::env::temp_dir().join(format!("tail-{}", uuid::Uuid::new_v4().simple()));
        let text: String = (0..1000).map(|line| format!("line {line}\n")).collect();
        write(&path, &text, 0o600, &User::choose(None).unwrap()).unwrap();
        let tail = tail(&path);
        fs::remove_file(&path).unwrap();
        assert!(tail.starts_with("line 980\n") && tail.ends_with("\nline 999"), "{tail}");
    }
}
