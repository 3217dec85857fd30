//! Every kind of end, of the application, of PostgreSQL and of the shell between: nothing is left that
//! should be removed, and nothing is lost that should stay.

use crate::support::{
    Holder, NAME, count, directory, keep_one, number, run, sockets, start, vanishes,
};
use crate::system::{PATIENCE, Scratch, eventually, postmaster, processes, signal, supervisors};
use embedded_postgres::EmbeddedPostgres;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[tokio::test]
async fn after_a_kill_of_the_application_the_cluster_is_recovered() {
    let scratch = Scratch::new();
    let directory = directory(&scratch);
    let mut holder = Holder::spawn(directory.to_str().unwrap());
    let sockets = holder.wait_until_ready();
    holder.kill();
    let server = start(&directory).await;
    keep_one(&server).await;
    server.stop().await;
    vanishes(&sockets).await;
}

#[tokio::test]
async fn an_orphaned_postgres_is_stopped_first() {
    let scratch = Scratch::new();
    let directory = directory(&scratch);
    let mut holder = Holder::spawn(directory.to_str().unwrap());
    let sockets = holder.wait_until_ready();
    let orphan = postmaster(&directory);
    let two_shells = async || supervisors(directory.to_str().unwrap()).len() == 2;
    eventually("both shells run", PATIENCE, two_shells).await;
    let shells = supervisors(directory.to_str().unwrap());
    signal("STOP", &[holder.0.id()]);
    signal("KILL", &shells);
    holder.kill();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(Path::new(&format!("/proc/{orphan}/cwd")).exists(), "nobody stopped the orphan");

    let server = start(&directory).await;
    assert_ne!(postmaster(&directory), orphan);
    keep_one(&server).await;
    server.stop().await;
    vanishes(&sockets).await;
}

#[tokio::test]
async fn a_temporary_cluster_goes_with_its_value() {
    let server = EmbeddedPostgres::start_temporary(NAME).await.unwrap();
    keep_one(&server).await;
    let path = sockets(&server);
    server.stop().await;
    assert!(!path.exists());
    assert_eq!(processes(path.to_str().unwrap()), []);
}

#[tokio::test]
async fn a_temporary_cluster_goes_with_its_process() {
    let mut holder = Holder::spawn("");
    let path = holder.wait_until_ready();
    assert!(path.exists());
    holder.kill();
    vanishes(&path).await;
}

#[test]
fn a_temporary_cluster_outlives_the_runtime_that_started_it() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let server = runtime().block_on(EmbeddedPostgres::start_temporary(NAME)).unwrap();
    runtime().block_on(keep_one(&server));
}

#[tokio::test]
async fn a_killed_postgres_is_started_again() {
    let scratch = Scratch::new();
    let server = start(&directory(&scratch)).await;
    keep_one(&server).await;
    let options = server.connect_options();
    // A process that is too busy to notice that the first one is gone.
    let busy = options.clone();
    let busy = tokio::spawn(async move {
        run(&busy, "SELECT count(*) FROM generate_series(1, 10000000000)").await
    });
    let works = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%10000000000%' \
                 AND state = 'active' AND pid <> pg_backend_pid()";
    eventually("it is busy", PATIENCE, async || number(&options, works).await.unwrap() == 1).await;
    for _ in 0..2 {
        signal("KILL", &[postmaster(&directory(&scratch))]);
        eventually("it answers", PATIENCE, async || count(&options).await.is_ok_and(|it| it == 1))
            .await;
    }
    assert!(busy.await.unwrap().is_err());
    server.stop().await;
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

#[tokio::test]
async fn an_interrupt_of_the_terminal_does_not_reach_postgres() {
    let scratch = Scratch::new();
    let directory = directory(&scratch);
    let mut holder = Holder::spawn(directory.to_str().unwrap());
    let sockets = holder.wait_until_ready();
    let postgres = postmaster(&directory);
    // The holder, which leads a group as a terminal would see it, does not get to act on it.
    signal("STOP", &[holder.0.id()]);
    eventually("it stands still", PATIENCE, async || is_stopped(holder.0.id())).await;
    let group = format!("kill -s INT -- -{}", holder.0.id());
    assert!(Command::new("/bin/sh").args(["-c", &group]).status().unwrap().success());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(postmaster(&directory), postgres);
    signal("CONT", &[holder.0.id()]);
    assert!(!holder.0.wait().unwrap().success());
    vanishes(&sockets).await;
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

#[tokio::test]
async fn a_killed_supervisor_is_replaced() {
    let scratch = Scratch::new();
    let server = start(&directory(&scratch)).await;
    keep_one(&server).await;
    let shells = supervisors(scratch.0.to_str().unwrap());
    let before = postmaster(&directory(&scratch));
    signal("KILL", &shells);
    let options = server.connect_options();
    // A connection may still be to the PostgreSQL whose shells were killed.
    let started = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::bigint";
    eventually("another one answers", PATIENCE, async || {
        number(&options, started).await.is_ok_and(|it| it != i64::from(before))
    })
    .await;
    assert_eq!(count(&options).await.unwrap(), 1);
    server.stop().await;
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

#[tokio::test]
async fn a_start_may_be_killed_at_any_moment() {
    let scratch = Scratch::new();
    let directory = directory(&scratch);
    for milliseconds in [5, 50, 150, 300, 450, 600, 750, 900] {
        let mut holder = Holder::spawn(directory.to_str().unwrap());
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        holder.kill();
    }
    let server = start(&directory).await;
    keep_one(&server).await;
    server.stop().await;
    let names = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name());
    let unfinished = |name: &OsString| name.to_string_lossy().contains("new");
    assert_eq!(names.filter(unfinished).count(), 0);
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

/// Whether each thread of a process has been stopped; one that has not may still end the process.
fn is_stopped(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    threads.map(|thread| fs::read_to_string(thread.path().join("stat")).unwrap()).all(|stat| {
        let (_, state) = stat.rsplit_once(") ").unwrap();
        state.starts_with('T')
    })
}
