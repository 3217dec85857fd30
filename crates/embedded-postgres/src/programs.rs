//! PostgreSQL's programs: where they may be installed, and which of them are suitable.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Result;
use crate::not_installed::{MIN_MAJOR, NotInstalled};
use crate::user::User;

/// The usual directories: a parent, the beginning of the name with the version, a directory below.
const USUAL: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),         // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                  // PostgreSQL's own packages for Fedora
    ("/usr/libexec", "postgresql", ""),         // Alpine
    ("/opt", "pgsql-", "bin"),                  // Arch
    ("/opt/homebrew/opt", "postgresql", "bin"), // Homebrew
    ("/usr/local/opt", "postgresql", "bin"),    // Homebrew on Intel
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// The programs of one version: at least `initdb` and `postgres`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Programs {
    directory: PathBuf,
    pub(crate) major: u32,
}

impl Programs {
    /// The programs in a directory, if it has both and the user may run them.
    fn in_directory(directory: PathBuf, user: &User) -> Option<Self> {
        if !directory.join("initdb").is_file() {
            return None;
        }
        let major = major_of(&directory.join("postgres"), user)?;
        Some(Self { directory, major })
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }
}

/// Finds programs of a major version, or of any version that is new enough where there is no
/// cluster yet.
pub(crate) fn find(major: Option<u32>, user: &User) -> Result<Programs> {
    // Each directory is looked at only when those before it were not suitable.
    find_in(directories(), major, user).map_err(|found| {
        let path = search_path().iter().map(|path| path.display().to_string()).collect();
        let directories = USUAL.map(|(parent, start, end)| match end {
            "" => format!("{parent}/{start}*"),
            end => format!("{parent}/{start}*/{end}"),
        });
        NotInstalled { major, found, path, directories: directories.into() }.into()
    })
}

/// The programs of every version that is installed.
pub(crate) fn installed(user: &User) -> Vec<Programs> {
    directories().filter_map(|directory| Programs::in_directory(directory, user)).collect()
}

/// The directories in which programs may be, in the order in which they are preferred.
fn directories() -> impl Iterator<Item = PathBuf> {
    let configured = std::iter::once_with(configured_directory).flatten();
    let usual = USUAL.into_iter().flat_map(|(parent, start, end)| children(parent, start, end));
    search_path().into_iter().chain(configured).chain(usual)
}

/// The programs in the first directory that has both, in a suitable version, and which the user may
/// run; else the other versions.
fn find_in(
    directories: impl Iterator<Item = PathBuf>,
    wanted: Option<u32>,
    user: &User,
) -> std::result::Result<Programs, Vec<u32>> {
    let mut other = Vec::new();
    for programs in directories.filter_map(|directory| Programs::in_directory(directory, user)) {
        let major = programs.major;
        if wanted.map_or(major >= MIN_MAJOR, |wanted| wanted == major) {
            tracing::debug!("PostgreSQL {major} from {}", programs.directory.display());
            return Ok(programs);
        }
        if !other.contains(&major) {
            other.push(major);
        }
    }
    Err(other)
}

/// What `postgres --version` says: `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major_of(postgres: &Path, user: &User) -> Option<u32> {
    let mut command = user.command(postgres, Path::new("/"));
    let output = command.arg("--version").stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split(") ").nth(1)?;
    version.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// The directories of `PATH`; relative ones are not trusted.
fn search_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|path| path.is_absolute()).collect()
}

fn configured_directory() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// `parent/start*/end`, the newest version first.
fn children(parent: impl AsRef<Path>, start: &str, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(start))
        .map(|entry| entry.path())
        .collect();
    found.sort_by_cached_key(|path| Reverse(version(path.file_name().unwrap_or_default())));
    found.into_iter().map(|path| path.join(end)).collect()
}

/// The numbers in a name, so that 10 follows 9.
fn version(name: &OsStr) -> Vec<u32> {
    let name = name.to_string_lossy();
    name.split(|character: char| !character.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn user() -> User {
        User::choose(None).unwrap()
    }

    #[test]
    fn installed_programs_are_found_and_versions_distinguished() {
        let programs = find(None, &user()).unwrap();
        let major = programs.major;
        assert!(major >= MIN_MAJOR);
        assert_eq!(find(Some(major), &user()).unwrap(), programs);
        let error = find(Some(7), &user()).unwrap_err();
        let Error::NotInstalled(error) = error else { panic!("{error}") };
        assert_eq!(error.major, Some(7));
        assert!(error.found.contains(&major), "{error}");
        assert!(error.directories.contains(&"/usr/lib/postgresql/*/bin".to_owned()), "{error}");
    }

    #[test]
    fn a_directory_without_both_programs_does_not_count() {
        let directories = ["/", "/usr/bin/env", "/nonexistent"].map(PathBuf::from);
        assert_eq!(find_in(directories.into_iter(), None, &user()), Err(Vec::new()));
    }

    #[test]
    fn the_newest_version_comes_first() {
        let parent = std::env::temp_dir().join(format!("store-{}", uuid::Uuid::new_v4().simple()));
        for name in ["postgresql@9", "postgresql@18", "postgresql@17", "other@19"] {
            fs::create_dir_all(parent.join(name)).unwrap();
        }
        let found = children(&parent, "postgresql", "bin");
        fs::remove_dir_all(&parent).unwrap();
        let names = ["postgresql@18", "postgresql@17", "postgresql@9"];
        assert_eq!(found, names.map(|name| parent.join(name).join("bin")));
    }

    #[test]
    fn a_version_that_is_too_old_is_named_but_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let parent = std::env::temp_dir().join(format!("old-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir_all(&parent).unwrap();
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["initdb", "postgres"] {
            let text = "#!/bin/sh\necho 'postgres (PostgreSQL) 13.2'\n";
            fs::write(parent.join(name), text).unwrap();
            fs::set_permissions(parent.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let directories = || std::iter::once(parent.clone());
        let new = find_in(directories(), None, &user());
        let existing = find_in(directories(), Some(13), &user());
        fs::remove_dir_all(&parent).unwrap();
        assert_eq!(new, Err(vec![13]));
        assert_eq!(existing, Ok(Programs { directory: parent, major: 13 }));
    }
}
