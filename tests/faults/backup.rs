//! Backups while clients write, and backups and restores that are killed or have no space left.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use embedded_postgres::EmbeddedPostgres;
use runstate::config::FIRST_TENANT;
use runstate::store::Store;
use sqlx::{ConnectOptions, Row};
use tokio::process::Command;

use crate::small_disk::SmallDisk;
use crate::system::Scratch;
use crate::world::World;

/// When a command is killed, in milliseconds after its start: from before its first statement to after
/// its end.
const KILLS: [u64; 6] = [20, 60, 120, 250, 500, 1000];

/// The objects of a schema that a restore removes for a while or disables.
const OBJECTS: &str = "
    SELECT indexdef AS text FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT tgrelid::regclass || ' ' || tgenabled::text || ' ' || pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY text";

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A program on a database of its own in a directory.
fn on(directory: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_runstate"));
    program.args(arguments).env_remove("DATABASE_URL").env("RUNSTATE_DATA_DIR", directory);
    program.env("RUNSTATE_BACKUP_PASSPHRASE", "correct horse").stdin(std::process::Stdio::null());
    program
}

pub(crate) async fn succeed(mut program: Command) -> String {
    let output: Output = program.output().await.unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs a program, and kills it after a while. Returns whether it had ended by itself.
pub(crate) async fn kill_after(mut program: Command, time: u64) -> bool {
    let silent = std::process::Stdio::null;
    let mut child = program.stdout(silent()).stderr(silent()).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(time)).await;
    child.start_kill().ok();
    child.wait().await.unwrap().success()
}

#[tokio::test]
async fn a_backup_under_load_has_one_moment_of_all_tables_and_refuses_nobody() {
    let world = World::new().await;
    let load = world.load();
    load.rounds(1).await;
    let file = world.server_folder().join("backup.tar");
    let file = file.to_str().unwrap();
    for round in 0..3 {
        let arguments = ["backup", file, "--force"];
        let written = succeed(world.program(&arguments)).await;
        assert!(
            written.contains("It has the keys first-run.json, local-issuer.pem, encrypted."),
            "{written}"
        );
        // The counters are those of the rows only if all are of one moment.
        let verified = succeed(world.program(&["backup", "verify", file])).await;
        let lines: Vec<&str> = verified.lines().collect();
        let states = lines.iter().find(|line| line.starts_with("device_state: ")).unwrap();
        assert!(!states.starts_with("device_state: 0 "), "{round}: {states}");
        let end = ["Every counter matches the rows.", "The passphrase opens 2 key files."];
        assert!(lines.ends_with(&end), "{verified}");
    }
    let record = load.stop().await;
    record.assert_none_refused();
    world.assert_kept(&record).await;
    world.end().await;
}

#[tokio::test]
async fn a_killed_backup_leaves_no_file_that_looks_whole_and_the_next_one_succeeds() {
    let world = World::new().await;
    let folder = Scratch::new();
    let file = folder.0.join("backup.tar");
    let name = file.to_str().unwrap();
    for time in KILLS {
        std::fs::remove_file(&file).ok();
        let ended = kill_after(world.program(&["backup", name]), time).await;
        let partial = folder.0.join("backup.tar.partial");
        if file.exists() {
            // It was renamed, and so it is whole.
            succeed(world.program(&["backup", "verify", name])).await;
        } else {
            assert!(!ended, "{time} ms");
        }
        if partial.exists() {
            let partial = partial.to_str().unwrap();
            let refused = world.program(&["backup", "verify", partial]).output().await.unwrap();
            let log = text(&refused.stderr);
            let is_named = log.contains("is not complete") || log.contains("is not a backup");
            assert!(!refused.status.success() && is_named, "{time} ms: {log}");
        }
    }
    succeed(world.program(&["backup", name, "--force"])).await;
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1, "the rest was used again");
    world.end().await;
}

#[tokio::test]
async fn a_killed_restore_leaves_the_database_empty_or_whole() {
    let world = World::new().await;
    let folder = Scratch::new();
    let file = folder.0.join("backup.tar");
    let file = file.to_str().unwrap();
    let written = succeed(world.program(&["backup", file])).await;
    let rows = |written: &str| {
        let (_, rest) = written.split_once(": ").unwrap();
        rest.split_once(" at ").unwrap().0.to_owned()
    };
    for time in KILLS.into_iter().map(|time| time * 3) {
        let data = folder.0.join(format!("data-{time}"));
        kill_after(on(&data, &["restore", file]), time).await;
        let again = on(&data, &["restore", file]).output().await.unwrap();
        let log = text(&again.stderr);
        assert!(again.status.success() || log.contains("is not empty"), "{time} ms: {log}");
        let checked = succeed(on(&data, &["recount", "--check"])).await;
        assert_eq!(checked, "Every counter matches the rows.\n");
        let copy = folder.0.join(format!("copy-{time}.tar"));
        let again = succeed(on(&data, &["backup", copy.to_str().unwrap()])).await;
        assert_eq!(rows(&again), rows(&written), "{time} ms");
    }
    world.end().await;
}

#[tokio::test]
async fn a_backup_without_space_is_refused_and_leaves_no_file() {
    let world = World::new().await;
    let place = Scratch::new();
    let Some(disk) = SmallDisk::mount(&place.0.join("disk")) else { return world.end().await };
    // A megabyte that cannot be compressed.
    let content =
        "UPDATE script SET script_content = decode((SELECT string_agg(md5(number::text), '')
                   FROM generate_series(1, 65536) AS number), 'hex')";
    world.run(content).await;
    disk.leave(400_000);
    let file = disk.0.join("backup.tar");
    let (name, tenant) = (file.to_str().unwrap(), FIRST_TENANT.to_string());
    for arguments in [&["backup", name][..], &["tenant", "export", &tenant, name]] {
        let refused = world.program(arguments).output().await.unwrap();
        let log = text(&refused.stderr);
        let expected = format!("cannot write {}: No space left on device", file.display());
        assert!(!refused.status.success() && log.contains(&expected), "{log}");
    }
    disk.leave(0);
    let refused = world.program(&["backup", name]).output().await.unwrap();
    let log = text(&refused.stderr);
    let start =
        format!("the disk of {} has 0 bytes free, and the backup needs about ", disk.0.display());
    let (_, needed) = log.split_once(&start).unwrap_or_else(|| panic!("{log}"));
    assert!(needed.ends_with(" kB; nothing was changed\n"), "{log}");
    let left: Vec<_> =
        std::fs::read_dir(&disk.0).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["ballast"]);
    drop(disk);
    world.end().await;
}

#[tokio::test]
async fn a_restore_and_a_verification_that_do_not_fit_on_the_disk_are_refused_before_they_begin() {
    let world = World::new().await;
    let place = Scratch::new();
    let Some(disk) = SmallDisk::mount(&place.0.join("disk")) else { return world.end().await };
    // 90 MB as text, which a backup compresses to nearly nothing.
    let content = "UPDATE script SET script_content = decode(repeat('41', 45000000), 'hex')
                   WHERE id = (SELECT id FROM script LIMIT 1)";
    world.run(content).await;
    let file = place.0.join("backup.tar");
    let file = file.to_str().unwrap();
    succeed(world.program(&["backup", file])).await;
    let data = disk.0.join("data");
    let refused = on(&data, &["restore", file]).output().await.unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let log = text(&refused.stderr);
    let start = format!("the disk of {} has ", data.join("postgres").display());
    let (_, sizes) = log.split_once(&start).unwrap_or_else(|| panic!("{log}"));
    let (free, needed) = sizes.split_once(" free, and the restore needs about ").unwrap();
    assert!(free.ends_with(" MB"), "{log}");
    assert_eq!(needed, "172 MB; nothing was changed\n");
    assert!(!data.join("local-issuer.pem").exists(), "a key was restored");
    let verify = || {
        let mut verify = world.program(&["backup", "verify", file]);
        verify.env("TMPDIR", &disk.0);
        verify
    };
    let refused = verify().output().await.unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let log = text(&refused.stderr);
    let scratch = format!("the disk of {}/runstate-", disk.0.display());
    assert!(log.contains(&scratch), "{log}");
    let needed = " MB free, and the verification needs about 172 MB; nothing was changed\n";
    assert!(log.ends_with(needed), "{log}");
    // The database is still empty: a smaller backup fits.
    world.run("UPDATE script SET script_content = NULL").await;
    succeed(world.program(&["backup", "--force", file])).await;
    let verified = succeed(verify()).await;
    assert!(verified.contains("Every counter matches the rows.\n"), "{verified}");
    let left: Vec<_> =
        std::fs::read_dir(&disk.0).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["data"], "a scratch database is left");
    let restored = succeed(on(&data, &["restore", file])).await;
    assert!(restored.starts_with("Restored "), "{restored}");
    drop(disk);
    world.end().await;
}

#[tokio::test]
async fn a_restored_schema_is_that_of_the_migrations() {
    let world = World::new().await;
    let folder = Scratch::new();
    let file = folder.0.join("backup.tar");
    let file = file.to_str().unwrap();
    succeed(world.program(&["backup", file])).await;
    let mut objects = Vec::new();
    for name in ["restored", "migrated"] {
        let data = folder.0.join(name);
        let arguments: &[&str] = if name == "restored" { &["restore", file] } else { &["migrate"] };
        succeed(on(&data, arguments)).await;
        let postgres = EmbeddedPostgres::start("runstate", &data.join("postgres")).await.unwrap();
        let options = postgres.connect_options();
        let mut connection = options.connect().await.unwrap();
        let rows = sqlx::query(OBJECTS).fetch_all(&mut connection).await.unwrap();
        objects.push(rows.iter().map(|row| row.get::<String, _>("text")).collect::<Vec<_>>());
        let other = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
                     AND relkind NOT IN ('r', 'p', 'i', 'I', 'v', 'c')";
        let other = sqlx::query(other).fetch_all(&mut connection).await.unwrap();
        assert!(other.is_empty(), "a backup has no sequences or materialized views");
        assert!(Store::find_miscounted(&options).await.unwrap().is_empty());
        drop(connection);
        postgres.stop().await;
    }
    assert!(objects[0].len() > 100);
    assert_eq!(objects[0], objects[1]);
    world.end().await;
}
