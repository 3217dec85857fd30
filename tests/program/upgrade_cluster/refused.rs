//! When is nothing moved, and what does an operator read then?

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{Programs, major, refusal};
use crate::process::{Directory, Server, run, runstate, text};
use crate::small_disk::SmallDisk;

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
