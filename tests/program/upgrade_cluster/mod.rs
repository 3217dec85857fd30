//! Is a PostgreSQL in the data directory moved to another major version with everything that is in it?

mod moved;
mod refused;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Directory, Server, run, runstate, text};

/// The variable with the directory of the programs of another major version.
const OTHER: &str = "RUNSTATE_TEST_POSTGRES";

/// The programs of two major versions of PostgreSQL.
struct Programs {
    old: Version,
    new: Version,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    directory: PathBuf,
}

impl Programs {
    /// `None`, and a line that says so, where only one major version is installed.
    fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
        directories.extend(std::env::var_os(OTHER).map(PathBuf::from));
        if let Ok(versions) = Path::new("/usr/lib/postgresql").read_dir() {
            directories.extend(versions.flatten().map(|version| version.path().join("bin")));
        }
        let mut versions: Vec<Version> = directories.into_iter().filter_map(Version::of).collect();
        versions.sort();
        match (versions.first(), versions.last()) {
            (Some(old), Some(new)) if old.major < new.major => {
                Some(Self { old: old.clone(), new: new.clone() })
            }
            _ => {
                println!("left out: {OTHER} names no directory with another PostgreSQL's programs");
                None
            }
        }
    }

    /// The program with both versions in its path, the old one first: it creates the database.
    fn runstate(&self, data: &Path) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = [&self.old, &self.new].map(|version| version.directory.clone());
        let all = own.into_iter().chain(std::env::split_paths(&path));
        let mut command = runstate(data);
        command.env("PATH", std::env::join_paths(all).unwrap());
        command
    }

    /// A data directory whose server has one run state; the server is stopped.
    fn world(&self) -> (Directory, String, String) {
        let folder = Directory::new();
        let (curl, http) = self.fill(&folder.0);
        (folder, curl, http)
    }

    fn fill(&self, data: &Path) -> (String, String) {
        let mut server = Server::of(self.runstate(data));
        assert!(server.paste().starts_with("HTTP/1.1 201 Created"));
        server.signal("-INT");
        server.child.wait().unwrap();
        (server.curl.clone(), server.http.clone())
    }
}

impl Version {
    fn of(directory: PathBuf) -> Option<Self> {
        let output = Command::new(directory.join("postgres")).arg("--version").output().ok()?;
        let version = text(&output.stdout).split(") ").nth(1)?.to_owned();
        let major = version.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()?;
        directory.join("initdb").is_file().then_some(Self { major, directory })
    }
}

fn major(data: &Path) -> String {
    fs::read_to_string(data.join("postgres/data/PG_VERSION")).unwrap().trim().to_owned()
}

/// The last line of the log of a command that fails, from the program's own words on.
fn refusal(mut command: Command) -> String {
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    text(&output.stderr)
}
