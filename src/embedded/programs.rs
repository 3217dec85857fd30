//! PostgreSQL's programs: where they may be installed, and which of them fit. What is not
//! installed, `download` fetches.

use super::download;
use super::error::{EmbeddedError, Result};
use super::owner::Owner;
use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The programs of one version: at least `initdb` and `postgres`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Programs {
    place: PathBuf,
    pub(super) major: u32,
}

impl Programs {
    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.place.join(program)
    }
}

/// Finds programs of the major version `wanted` (of any where nothing demands one), else
/// downloads them into `store`.
pub(super) async fn obtain(wanted: Option<u32>, owner: &Owner, store: &Path) -> Result<Programs> {
    let mut other = Vec::new();
    let installed = installed().chain(std::iter::once_with(|| downloaded(store)).flatten());
    if let Some(programs) = find(installed, wanted, owner, &mut other) {
        return Ok(programs);
    }
    let cause = match download::fetch(wanted, store).await {
        Ok(()) => match find(downloaded(store).into_iter(), wanted, owner, &mut Vec::new()) {
            Some(programs) => return Ok(programs),
            None => "the downloaded programs do not run on this system".to_owned(),
        },
        Err(cause) => cause,
    };
    Err(missing(wanted, &other, cause))
}

fn missing(wanted: Option<u32>, other: &[u32], cause: String) -> EmbeddedError {
    let numbers: Vec<String> = other.iter().map(u32::to_string).collect();
    EmbeddedError::NoPrograms {
        wanted: wanted.map_or("PostgreSQL".into(), |major| {
            format!("PostgreSQL {major}, which made this database,")
        }),
        found: match numbers.as_slice() {
            [] => "no programs were found".into(),
            numbers => format!("found: PostgreSQL {}", numbers.join(", ")),
        },
        package: wanted.map_or("postgresql".into(), |major| format!("postgresql-{major}")),
        cause,
    }
}

/// The first place that has both programs, in the version wanted, and runnable by the user. The
/// versions that were passed over are noted in `other`.
fn find(
    places: impl Iterator<Item = PathBuf>,
    wanted: Option<u32>,
    owner: &Owner,
    other: &mut Vec<u32>,
) -> Option<Programs> {
    for place in places.filter(|place| place.join("initdb").is_file()) {
        match major_of(&place.join("postgres"), owner) {
            Some(major) if wanted.is_none_or(|wanted| wanted == major) => {
                tracing::debug!("PostgreSQL {major} from {}", place.display());
                return Some(Programs { place, major });
            }
            Some(major) if !other.contains(&major) => other.push(major),
            _ => {}
        }
    }
    None
}

/// What `postgres --version` says: `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major_of(postgres: &Path, owner: &Owner) -> Option<u32> {
    let mut command = owner.command(postgres, Path::new("/"));
    let output = command.arg("--version").stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split(") ").nth(1)?;
    version.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// Every place where an installed PostgreSQL may be, the likeliest first; each is looked at only
/// when those before it were not taken.
fn installed() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> =
        std::env::split_paths(&path).filter(|path| path.is_absolute()).collect();
    let configured = std::iter::once_with(pg_config).flatten();
    let usual = [
        ("/usr/lib/postgresql", "", "bin"),
        ("/opt/homebrew/opt", "postgresql", "bin"),
        ("/usr/local/opt", "postgresql", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ];
    let usual = usual.into_iter().flat_map(|(parent, start, end)| children(parent, start, end));
    path.into_iter().chain(configured).chain(usual)
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// What was downloaded earlier.
fn downloaded(store: &Path) -> Vec<PathBuf> {
    children(store, "", "bin")
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

    fn owner() -> Owner {
        Owner::choose(None).unwrap()
    }

    #[test]
    fn installed_programs_are_found_and_versions_told_apart() {
        let mut other = Vec::new();
        let programs = find(installed(), None, &owner(), &mut other).unwrap();
        let major = programs.major;
        assert!(other.is_empty());
        assert!(find(installed(), Some(major), &owner(), &mut other).is_some());
        assert!(find(installed(), Some(7), &owner(), &mut other).is_none());
        assert!(other.contains(&major));
    }

    #[test]
    fn a_place_without_both_programs_does_not_count() {
        let places = ["/", "/usr/bin/env", "/nonexistent"].map(PathBuf::from);
        assert_eq!(find(places.into_iter(), None, &owner(), &mut Vec::new()), None);
    }

    #[test]
    fn the_newest_version_comes_first() {
        let store = std::env::temp_dir().join(format!("store-{}", uuid::Uuid::new_v4().simple()));
        for name in ["postgresql@9", "postgresql@18", "postgresql@17", "other@19"] {
            fs::create_dir_all(store.join(name)).unwrap();
        }
        let found = children(&store, "postgresql", "bin");
        fs::remove_dir_all(&store).unwrap();
        let names = ["postgresql@18", "postgresql@17", "postgresql@9"];
        assert_eq!(found, names.map(|name| store.join(name).join("bin")));
    }

    #[test]
    fn the_message_names_the_ways_out() {
        let text = missing(None, &[], "no network".into()).to_string();
        for word in ["apt-get install postgresql`", "DATABASE_URL", "docker compose up", "network"]
        {
            assert!(text.contains(word), "{text}");
        }
        let text = missing(Some(14), &[15], "no network".into()).to_string();
        assert!(text.contains("PostgreSQL 14") && text.contains("found: PostgreSQL 15"), "{text}");
        assert!(text.contains("postgresql-14"), "{text}");
    }
}
