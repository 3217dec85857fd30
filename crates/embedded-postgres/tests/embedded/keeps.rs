//! Which data a cluster keeps over restarts, which directories are refused, and who has access.

use crate::support::{NAME, count, directory, keep_one, run, sockets, start};
use crate::system::{PATIENCE, Scratch, processes};
use embedded_postgres::{EmbeddedPostgres, Error};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Instant;

/// Where root's clusters are whose own directory the user of PostgreSQL cannot enter.
const SHARED: &str = "/var/lib/embedded_test";

#[tokio::test]
async fn data_outlives_a_restart() {
    let scratch = Scratch::new();
    let server = start(&directory(&scratch)).await;
    keep_one(&server).await;
    let first = sockets(&server);
    assert_eq!(fs::metadata(&first).unwrap().mode() & 0o777, 0o700);
    server.stop().await;
    assert!(!first.exists());
    // The next start has nothing to wait for.
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
    assert!(!directory(&scratch).join("data/postmaster.pid").exists());

    let began = Instant::now();
    let server = start(&directory(&scratch)).await;
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert_eq!(count(&server.connect_options()).await.unwrap(), 1);
    drop(server);
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

#[tokio::test]
async fn psql_and_only_who_has_the_password_gets_in() {
    let scratch = Scratch::new();
    let server = start(&directory(&scratch)).await;
    let password = directory(&scratch).join("password");
    assert_eq!(fs::metadata(&password).unwrap().mode() & 0o777, 0o600);
    assert!(run(&server.connect_options().password("wrong"), "SELECT 1").await.is_err());
    let mut psql = Command::new(directory(&scratch).join("psql.sh"));
    let output = psql.args(["-Atc", "SHOW fsync"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "on\n", "{output:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_second_server_is_refused() {
    let scratch = Scratch::new();
    let server = start(&directory(&scratch)).await;
    let error = EmbeddedPostgres::start(NAME, &directory(&scratch)).await.unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains(directory(&scratch).to_str().unwrap()), "{text}");
    assert!(text.contains(&std::process::id().to_string()), "{text}");
    keep_one(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn another_process_can_connect_to_a_running_server_and_to_no_other() {
    let scratch = Scratch::new();
    let none = EmbeddedPostgres::options_of_running(NAME, &directory(&scratch));
    assert!(matches!(none.unwrap_err(), Error::System { .. }));
    let server = start(&directory(&scratch)).await;
    keep_one(&server).await;
    let options = EmbeddedPostgres::options_of_running(NAME, &directory(&scratch)).unwrap();
    assert_eq!(count(&options).await.unwrap(), 1);
    server.stop().await;
    let none = EmbeddedPostgres::options_of_running(NAME, &directory(&scratch));
    assert!(matches!(none.unwrap_err(), Error::System { .. }));
}

#[tokio::test]
async fn files_of_others_are_not_touched() {
    let scratch = Scratch::new();
    fs::write(scratch.0.join("letter"), "dear").unwrap();
    let error = EmbeddedPostgres::start(NAME, &scratch.0).await.unwrap_err();
    let refused = matches!(error, Error::Foreign { .. } | Error::NotOurs { .. });
    assert!(refused, "{error}");
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
}

#[tokio::test]
async fn a_damaged_cluster_is_never_replaced() {
    let scratch = Scratch::new();
    let directory = directory(&scratch);
    start(&directory).await.stop().await;
    let (version, away) = (directory.join("data/PG_VERSION"), scratch.0.join("away"));
    fs::rename(&version, &away).unwrap();
    let text = EmbeddedPostgres::start(NAME, &directory).await.unwrap_err().to_string();
    assert!(text.contains("PG_VERSION"), "{text}");
    fs::write(&version, "word").unwrap();
    let text = EmbeddedPostgres::start(NAME, &directory).await.unwrap_err().to_string();
    assert!(text.contains("PG_VERSION"), "{text}");
    fs::rename(&away, &version).unwrap();

    fs::rename(directory.join("password"), &away).unwrap();
    let error = EmbeddedPostgres::start(NAME, &directory).await.unwrap_err();
    assert!(matches!(error, Error::PasswordMissing { .. }), "{error}");
    fs::rename(&away, directory.join("password")).unwrap();

    fs::rename(directory.join("data/global"), &away).unwrap();
    let began = Instant::now();
    let error = EmbeddedPostgres::start(NAME, &directory).await.unwrap_err();
    assert!(matches!(error, Error::NotReady { .. }), "{error}");
    assert!(error.to_string().contains("pg_control"), "{error}");
    // It is given up long before the time for a start is over.
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    fs::rename(&away, directory.join("data/global")).unwrap();
    start(&directory).await.stop().await;
}

#[tokio::test]
async fn an_unfinished_initdb_is_not_taken_for_a_cluster() {
    let scratch = Scratch::new();
    let directory = directory(&scratch);
    start(&directory).await.stop().await;
    // As it is when all but the last step was done.
    fs::rename(directory.join("data"), directory.join("data.new-0123abcd")).unwrap();
    start(&directory).await.stop().await;
    assert!(directory.join("data").exists() && !directory.join("data.new-0123abcd").exists());
}

#[tokio::test]
async fn an_old_pid_file_that_names_a_stranger_does_not_matter() {
    let scratch = Scratch::new();
    let directory = directory(&scratch);
    start(&directory).await.stop().await;
    let data = directory.join("data");
    let uid = fs::metadata(&data).unwrap().uid();
    let mut stranger = Command::new("sleep").arg("60").uid(uid).spawn().unwrap();
    for pid in [stranger.id().to_string(), "999999999".to_owned(), String::new()] {
        let text = if pid.is_empty() {
            pid
        } else {
            format!("{pid}\n{}\n1700000000\n5432\n/tmp\n\n  1 2\nready\n", data.display())
        };
        fs::write(data.join("postmaster.pid"), text).unwrap();
        std::os::unix::fs::chown(data.join("postmaster.pid"), Some(uid), None).unwrap();
        start(&directory).await.stop().await;
    }
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger was left alone");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
#[ignore = "needs root"]
async fn root_keeps_the_data_where_the_other_user_may_enter() {
    let scratch = Scratch::new();
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o700)).unwrap();
    let directory = directory(&scratch);
    let server = start(&directory).await;
    keep_one(&server).await;
    server.stop().await;
    let target = fs::read_link(&directory).unwrap();
    assert!(target.starts_with(SHARED), "{}", target.display());

    // The link decides alone at the next start, also where the directory can now be entered.
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o755)).unwrap();
    let server = start(&directory).await;
    assert_eq!(count(&server.connect_options()).await.unwrap(), 1);
    server.stop().await;

    // Without the link the data are found again, rather than an empty database.
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o700)).unwrap();
    fs::remove_file(&directory).unwrap();
    let server = start(&directory).await;
    assert_eq!(count(&server.connect_options()).await.unwrap(), 1);
    server.stop().await;

    fs::remove_dir_all(&target).unwrap();
    // Only if no other cluster is there.
    drop(fs::remove_dir(SHARED));
    let error = EmbeddedPostgres::start(NAME, &directory).await.unwrap_err();
    assert!(matches!(error, Error::LinkBroken { .. }), "{error}");
}
