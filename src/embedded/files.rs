//! Small works on files that everyone here needs: written whole, given to their owner, read at
//! their end. Knows no PostgreSQL.

use super::error::{Result, Trying};
use super::owner::Owner;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Writes a file whole or not at all. Never through a link that lies there: we may be root, and
/// the directory another user's.
pub(super) fn write(path: &Path, text: &str, mode: u32, owner: &Owner) -> Result<()> {
    let new = path.with_added_extension("new");
    let attempt = || -> io::Result<()> {
        remove_file(&new)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
        file.write_all(text.as_bytes())?;
        owner.give_file(&file)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    attempt().trying("write", path)
}

/// Makes a directory that only its owner may enter.
pub(super) fn make_private(path: &Path, owner: &Owner) -> Result<()> {
    DirBuilder::new().mode(0o700).create(path).trying("create", path)?;
    owner.give(path).trying("change the owner of", path)
}

/// Makes a directory that everyone may enter, also where our umask is a narrow one.
pub(super) fn make_shared(path: &Path) -> Result<()> {
    let make = || -> io::Result<()> {
        if !path.is_dir() {
            fs::create_dir_all(path)?;
            fs::set_permissions(path, Permissions::from_mode(0o755))?;
        }
        Ok(())
    };
    make().trying("create", path)
}

/// Removes a file that may be absent.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a directory that may be absent, or in which someone who is about to end still writes.
pub(super) fn remove_directory(path: &Path) -> io::Result<()> {
    let mut attempts = 40;
    loop {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && attempts > 0 => {
                attempts -= 1;
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            done => return done,
        }
    }
}

/// The last lines of a log, or why there are none.
pub(super) fn tail(path: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    match read() {
        Ok(text) => {
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(20)..].join("\n")
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
        write(&path, &text, 0o600, &Owner::choose(None).unwrap()).unwrap();
        let tail = tail(&path);
        fs::remove_file(&path).unwrap();
        assert!(tail.starts_with("line 980\n") && tail.ends_with("\nline 999"), "{tail}");
    }
}
