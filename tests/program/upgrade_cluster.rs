//! Is a PostgreSQL in the data directory moved to another major version with everything that is in it?

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use crate::process::{Directory, Server, run, runstate, text};
use crate::small_disk::SmallDisk;

/// The variable with the directory of the programs of another major version.
const OTHER: &str = "RUNSTATE_TEST_POSTGRES";
/// When an upgrade is killed, in milliseconds after its start. All of it takes a few seconds.
const KILLS: [u64; 7] = [50, 400, 800, 1200, 1800, 2400, 3200];

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

#[tokio::test]
async fn everything_is_moved_and_the_old_cluster_is_kept() {
    let Some(programs) = Programs::find() else { return };
    let (old, new) = (programs.old.major, programs.new.major);
    let (folder, curl, http) = programs.world();
    let data = folder.0.as_path();
    let output = run(programs.runstate(data).arg("upgrade-cluster"));
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let directory = fs::canonicalize(data.join("postgres")).unwrap();
    let directory = directory.display();
    assert!(shown.starts_with(&format!("PostgreSQL {old} to {new}: {directory}\n")), "{shown}");
    assert!(shown.contains("\ndevice_state: 1 rows, the same\n"), "{shown}");
    let end = format!(
        "\nThe database is of PostgreSQL {new} now.\nThe old one is in \
         {directory}/data.postgresql-{old}: remove it when the server has run well.\n"
    );
    assert!(shown.ends_with(&end), "{shown}");
    assert_eq!(major(data), new.to_string());
    assert!(!data.join("upgrade-cluster.tar").exists());

    let server = Server::of(programs.runstate(data));
    assert_eq!(server.count().await, "1");
    // The old command has the script and the token of the old database.
    let reply = run(Command::new("sh").args(["-c", &curl.replace(&http, &server.http)]));
    assert!(reply.stdout.starts_with(b"HTTP/1.1 201 Created"), "{}", text(&reply.stdout));
    let mut again = programs.runstate(data);
    again.arg("upgrade-cluster");
    let in_use = refusal(again);
    assert!(in_use.contains("is in use by another server"), "{in_use}");
    drop(server);
    let mut again = programs.runstate(data);
    again.args(["upgrade-cluster", "--to", &old.to_string()]);
    let refused = refusal(again);
    let expected = format!("the database is of PostgreSQL {new}, and {old} is not newer (found: ");
    assert!(refused.contains(&expected), "{refused}");
}

#[tokio::test]
async fn an_upgrade_that_is_killed_anywhere_leaves_the_old_cluster_or_the_new_one() {
    let Some(programs) = Programs::find() else { return };
    let (folder, ..) = programs.world();
    let data = folder.0.as_path();
    for time in KILLS {
        let mut upgrade = programs.runstate(data).arg("upgrade-cluster").spawn().unwrap();
        sleep(Duration::from_millis(time));
        upgrade.kill().unwrap();
        let is_done = upgrade.wait().unwrap().success();
        let server = Server::of(programs.runstate(data));
        assert_eq!(server.count().await, "1", "{time} ms");
        server.signal("-TERM");
        drop(server);
        if is_done || major(data) == programs.new.major.to_string() {
            break;
        }
    }
    if major(data) == programs.old.major.to_string() {
        let output = run(programs.runstate(data).arg("upgrade-cluster"));
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    assert_eq!(major(data), programs.new.major.to_string());
    let clusters = fs::read_dir(data.join("postgres")).unwrap();
    let clusters = clusters.filter(|it| it.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(clusters, 2, "the new cluster and the old one");
}

/// The program with the test twin, or its command line for that of a server.
fn with_twin(mut command: Command, url: &str) -> Command {
    command.env("RUNSTATE_TWIN", "true").env("RUNSTATE_TWIN_SECRET", "a secret of the tests");
    command.env("RUNSTATE_TWIN_URL", url);
    command
}

#[test]
fn the_tenants_and_snapshots_of_a_test_twin_are_moved() {
    let Some(programs) = Programs::find() else { return };
    let folder = Directory::new();
    let data = folder.0.as_path();
    let mut server = Server::of(with_twin(programs.runstate(data), ""));
    let twin = |server: &Server, arguments: &[&str]| {
        let mut command = with_twin(programs.runstate(data), &server.http);
        let output = run(command.args(["twin", "--json"]).args(arguments));
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let clock = ["--now", "2026-01-01T00:00:00Z", "--rate", "0"];
    twin(
        &server,
        &[&["create", "--id", "t1", "--from", "fixture:intune-small"], &clock[..]].concat(),
    );
    twin(&server, &["snapshot", "t1", "base"]);
    twin(&server, &["create", "--id", "t2", "--from", "base"]);
    let before = twin(&server, &["list"]);
    server.signal("-TERM");
    server.child.wait().unwrap();
    let output = run(programs.runstate(data).arg("upgrade-cluster"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    // Two tenants, the snapshot, and what the first tenant began with.
    assert!(text(&output.stdout).contains("\ntwin_tenant: 4 rows\n"), "{}", text(&output.stdout));
    assert_eq!(major(data), programs.new.major.to_string());

    let server = Server::of(with_twin(programs.runstate(data), ""));
    assert_eq!(without_urls(&twin(&server, &["list"])), without_urls(&before));
    twin(&server, &["create", "--id", "t3", "--from", "base"]);
    for tenant in ["t1", "t2", "t3"] {
        twin(&server, &["reset", tenant]);
    }
    twin(&server, &["delete", "--all"]);
}

/// A list of tenants without the address of its server.
fn without_urls(list: &str) -> String {
    let parts = list.split("\"graph\":\"");
    parts.map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}

#[test]
fn what_a_backup_does_not_have_is_named_and_nothing_is_changed() {
    let Some(programs) = Programs::find() else { return };
    let (folder, ..) = programs.world();
    let data = folder.0.as_path();
    let server = Server::of(programs.runstate(data));
    let psql = data.join("postgres/psql.sh");
    let statement = "CREATE ROLE reader; CREATE SCHEMA other; CREATE TABLE note (text text)";
    for statement in statement.split("; ").chain(["CREATE DATABASE second"]) {
        let output = run(Command::new(&psql).args(["-c", statement]));
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    server.signal("-TERM");
    drop(server);
    let mut upgrade = programs.runstate(data);
    upgrade.arg("upgrade-cluster");
    let refused = refusal(upgrade);
    let expected = "the PostgreSQL has more than Runstate put into it, which would not be moved: the \
                    database second, the role reader, the schema other, the table note. Remove it, \
                    or move everything by `pg_dumpall`. Nothing was changed.\n";
    assert!(refused.ends_with(expected), "{refused}");
    assert_eq!(major(data), programs.old.major.to_string());
    assert!(!data.join("upgrade-cluster.tar").exists());
}

#[tokio::test]
async fn an_upgrade_that_does_not_fit_on_the_disk_is_refused_and_nothing_is_changed() {
    let Some(programs) = Programs::find() else { return };
    let folder = Directory::new();
    let Some(disk) = SmallDisk::mount(&folder.0.join("disk")) else { return };
    let data = disk.0.join("data");
    programs.fill(&data);
    // Enough for the old programs to run.
    disk.leave(40 << 20);
    let mut upgrade = programs.runstate(&data);
    upgrade.arg("upgrade-cluster");
    let refused = refusal(upgrade);
    let start = format!("the disk of {} has ", data.join("postgres").display());
    let (_, sizes) = refused.split_once(&start).unwrap_or_else(|| panic!("{refused}"));
    let (free, needed) = sizes.split_once(" free, and the upgrade needs about ").unwrap();
    let needed = needed.strip_suffix("; nothing was changed\n").unwrap();
    let megabytes = |size: &str| size.strip_suffix(" MB").unwrap().parse::<u32>().unwrap();
    assert!(megabytes(free) <= 40 && megabytes(needed) > 64, "{refused}");
    assert_eq!(major(&data), programs.old.major.to_string());
    assert!(!data.join("upgrade-cluster.tar").exists());
    let clusters = fs::read_dir(data.join("postgres")).unwrap();
    let clusters = clusters.filter(|it| it.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(clusters, 1, "a new cluster was begun");
    disk.free();
    let server = Server::of(programs.runstate(&data));
    assert_eq!(server.count().await, "1");
    drop(server);
}

#[test]
fn a_cluster_whose_programs_are_missing_says_what_to_install() {
    let folder = Directory::new();
    let data = folder.0.as_path();
    let mut elsewhere = runstate(data);
    elsewhere.arg("upgrade-cluster").env("DATABASE_URL", "postgres://127.0.0.1/runstate");
    let expected = "upgrade-cluster moves the PostgreSQL in the data directory, but DATABASE_URL \
                    names another one. Move that one by `pg_upgrade`.\n";
    assert!(refusal(elsewhere).ends_with(expected));
    let upgrade = || {
        let mut upgrade = runstate(data);
        upgrade.arg("upgrade-cluster");
        refusal(upgrade)
    };
    let missing = upgrade();
    let directory = data.join("postgres");
    let expected = format!("there is no database in {}\n", directory.display());
    assert!(missing.ends_with(&expected), "{missing}");

    assert!(run(runstate(data).arg("migrate")).status.success());
    let version = directory.join("data/PG_VERSION");
    let (own, mode) = (fs::read_to_string(&version).unwrap(), fs::metadata(&version).unwrap());
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    fs::write(&version, "11\n").unwrap();
    for refused in [
        upgrade(),
        refusal({
            let mut serve = runstate(data);
            serve.arg("serve");
            serve
        }),
    ] {
        let expected = "PostgreSQL 11, which created this database, is not installed (found: ";
        assert!(refused.contains(expected), "{refused}");
        assert!(refused.contains("apt-get install postgresql-11\n"), "{refused}");
        let then = "Then `runstate upgrade-cluster` moves the database to a newer version, if one \
                    is installed beside it.\n";
        assert!(refused.ends_with(then), "{refused}");
    }
    fs::write(&version, "99\n").unwrap();
    let newest = upgrade();
    let expected = "the database is of PostgreSQL 99, and no newer version is installed (found: ";
    assert!(newest.contains(expected), "{newest}");
    fs::write(&version, own).unwrap();
}
