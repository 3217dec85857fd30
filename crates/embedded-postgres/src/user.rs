//! As which user of the system PostgreSQL's programs run: as ourselves or, since they refuse root, as
//! another. It knows users and how to start a program as one of them; it knows no cluster.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::{fchown, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// The accounts that are used where we are root, in the order of preference.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// The user that owns the files and runs the programs.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: u32,
    /// The group to run as; only where the programs run as another user than we do.
    switch_to_group: Option<u32>,
}

impl User {
    /// The user for files that exist (`existing` owns them) or will be created. Root can act for
    /// every owner of files, other users only for themselves.
    pub(crate) fn choose(existing: Option<u32>) -> Result<Self> {
        let own = id(&["-u"]).and_then(|text| number(&text));
        let own = own.ok_or_else(|| no_account("a user whom `id -u` does not name"))?;
        if own != 0 {
            let name = id(&["-un"]).ok_or_else(|| no_account(&format!("user id {own}")))?;
            return Ok(Self { name, uid: own, switch_to_group: None });
        }
        match existing.filter(|uid| *uid != 0) {
            Some(uid) => {
                Self::account(&uid.to_string()).ok_or_else(|| no_account(&format!("user id {uid}")))
            }
            None => ACCOUNTS
                .iter()
                .find_map(|name| Self::account(name))
                .ok_or_else(|| no_account("root")),
        }
    }

    fn account(user: &str) -> Option<Self> {
        let name = id(&["-un", user])?;
        let uid = number(&id(&["-u", user])?)?;
        let group = number(&id(&["-g", user])?)?;
        Some(Self { name, uid, switch_to_group: Some(group) })
    }

    /// A command that runs as this user, in a directory that this user may enter. Of our environment
    /// it gets `PATH` alone: the rest may hold secrets.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = Command::new(program);
        let path =
            std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        command.env_clear().env("PATH", path).env("LC_ALL", "C").current_dir(directory);
        if let Some(group) = self.switch_to_group {
            command.uid(self.uid).gid(group);
        }
        command
    }

    /// Whether a shell of this user succeeds with `test`, which sees `path` as `$1`.
    pub(crate) fn can(&self, test: &str, path: &Path) -> bool {
        let mut shell = self.command("/bin/sh", Path::new("/"));
        shell.args(["-c", test, "sh"]).arg(path);
        shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.status().is_ok_and(|status| status.success())
    }

    /// Whether this user may enter the directory.
    pub(crate) fn can_enter(&self, directory: &Path) -> bool {
        self.can("cd -- \"$1\"", directory)
    }

    /// Makes the user the owner of a file that we have just created.
    pub(crate) fn give(&self, path: &Path) -> io::Result<()> {
        self.switch_to_group.map_or(Ok(()), |group| lchown(path, Some(self.uid), Some(group)))
    }

    /// Like [`User::give`], for an open file.
    pub(crate) fn give_file(&self, file: &File) -> io::Result<()> {
        self.switch_to_group.map_or(Ok(()), |group| fchown(file, Some(self.uid), Some(group)))
    }

    /// Whether PostgreSQL's programs run as another user than we do.
    pub(crate) fn is_another(&self) -> bool {
        self.switch_to_group.is_some()
    }
}

fn no_account(user: &str) -> Error {
    Error::NoAccount { user: user.to_owned() }
}

/// What the program `id` answers. The standard library has no names of users, and not our own
/// number.
fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// A user or group number; some systems write that of `nobody` as -2.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_negative() {
        assert_eq!(number("65534"), Some(65534));
        assert_eq!(number("-2"), Some(4_294_967_294));
        assert_eq!(number("nobody"), None);
    }

    #[test]
    fn the_chosen_user_is_never_root() {
        assert_ne!(User::choose(None).unwrap().uid, 0);
        assert_ne!(User::choose(Some(0)).unwrap().uid, 0);
    }
}
