//! The embedded PostgreSQL, tried with real processes: what it keeps, whom it refuses, and what
//! is left of it after every kind of end.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

use runstate::embedded::{EmbeddedError, EmbeddedPostgres};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const HOLD: &str = "RUNSTATE_TEST_HOLD";

/// A directory for one test, removed with all that lies in it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let name = format!("embedded-test-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn directory(&self) -> PathBuf {
        self.0.join(".runstate/postgres")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Another process that runs an embedded PostgreSQL: this very binary, in its test `holder`.
struct Holder(Child);

impl Holder {
    /// Starts it on a directory, or with a temporary cluster where that is empty.
    fn spawn(directory: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "holder", "--nocapture"]).env(HOLD, directory);
        Self(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Waits until its PostgreSQL answers; returns the directory of the socket.
    fn wait_until_ready(&mut self) -> PathBuf {
        let output = BufReader::new(self.0.stdout.take().unwrap());
        let mut lines = output.lines().map(Result::unwrap);
        lines.find_map(|line| line.split_once("ready ").map(|(_, path)| path.into())).unwrap()
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Not a test of its own: what a [`Holder`] runs.
#[tokio::test]
async fn holder() {
    let Ok(directory) = std::env::var(HOLD) else { return };
    let server = match directory.as_str() {
        "" => EmbeddedPostgres::start_temporary().await.unwrap(),
        directory => EmbeddedPostgres::start(Path::new(directory)).await.unwrap(),
    };
    println!("ready {}", server.connect_options().get_socket().unwrap().display());
    std::future::pending::<()>().await;
}

async fn start(directory: &Path) -> EmbeddedPostgres {
    EmbeddedPostgres::start(directory).await.unwrap()
}

async fn run(options: &PgConnectOptions, statement: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
    connection.close().await
}

async fn count(options: &PgConnectOptions) -> Result<i64, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let count = sqlx::query_scalar("SELECT count(*) FROM kept").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(count)
}

async fn keep_one(server: &EmbeddedPostgres) {
    let statement = "CREATE TABLE kept (one int); INSERT INTO kept VALUES (1)";
    run(&server.connect_options(), statement).await.unwrap();
}

fn sockets(server: &EmbeddedPostgres) -> PathBuf {
    server.connect_options().get_socket().unwrap().clone()
}

fn signal(name: &str, pids: &[u32]) {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "kill -s \"$@\"", "sh", name]).args(pids.iter().map(u32::to_string));
    assert!(shell.status().unwrap().success());
}

/// The living processes whose command line or working directory names `text`.
fn processes(text: &str) -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| *pid != std::process::id())
        .filter_map(|pid| {
            let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let line = String::from_utf8_lossy(&bytes).replace('\0', " ");
            let directory = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
            let named = line.contains(text) || directory.to_string_lossy().contains(text);
            named.then_some((pid, line))
        })
        .collect()
}

fn postmaster(directory: &Path) -> u32 {
    let text = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

async fn eventually(what: &str, limit: Duration, mut done: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + limit;
    while !done().await {
        assert!(Instant::now() < end, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn vanishes(path: &Path) {
    let text = path.to_str().unwrap();
    let limit = Duration::from_secs(10);
    eventually("the processes end", limit, async || processes(text).is_empty()).await;
    eventually("the directory goes", limit, async || !path.exists()).await;
}

#[tokio::test]
async fn data_outlives_a_restart() {
    let scratch = Scratch::new();
    let server = start(&scratch.directory()).await;
    keep_one(&server).await;
    let first = sockets(&server);
    assert_eq!(fs::metadata(&first).unwrap().mode() & 0o777, 0o700);
    server.stop().await;
    assert!(!first.exists());

    let began = Instant::now();
    let server = start(&scratch.directory()).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(count(&server.connect_options()).await.unwrap(), 1);
    drop(server);
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

#[tokio::test]
async fn psql_and_only_who_has_the_password_gets_in() {
    let scratch = Scratch::new();
    let server = start(&scratch.directory()).await;
    let password = scratch.directory().join("password");
    assert_eq!(fs::metadata(&password).unwrap().mode() & 0o777, 0o600);
    assert!(run(&server.connect_options().password("wrong"), "SELECT 1").await.is_err());
    let mut psql = Command::new(scratch.directory().join("psql.sh"));
    let output = psql.args(["-Atc", "SHOW fsync"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "on\n", "{output:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_second_server_is_refused() {
    let scratch = Scratch::new();
    let server = start(&scratch.directory()).await;
    let error = EmbeddedPostgres::start(&scratch.directory()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::InUse { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains(scratch.directory().to_str().unwrap()), "{text}");
    assert!(text.contains(&std::process::id().to_string()), "{text}");
    keep_one(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn a_killed_server_is_recovered() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
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
    let directory = scratch.directory();
    let mut holder = Holder::spawn(directory.to_str().unwrap());
    let sockets = holder.wait_until_ready();
    let orphan = postmaster(&directory);
    let shells: Vec<u32> = processes(directory.to_str().unwrap())
        .into_iter()
        .filter_map(|(pid, line)| line.contains("runstate-supervisor").then_some(pid))
        .collect();
    assert_eq!(shells.len(), 2);
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
async fn an_old_pid_file_that_names_a_stranger_does_not_matter() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
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
async fn a_temporary_cluster_goes_with_its_value() {
    let server = EmbeddedPostgres::start_temporary().await.unwrap();
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
    let server = runtime().block_on(EmbeddedPostgres::start_temporary()).unwrap();
    runtime().block_on(keep_one(&server));
}

#[tokio::test]
async fn a_killed_postgres_is_started_again() {
    let scratch = Scratch::new();
    let server = start(&scratch.directory()).await;
    keep_one(&server).await;
    let options = server.connect_options();
    // A process that is too busy to notice that the first one is gone.
    let busy = options.clone();
    let busy = tokio::spawn(async move {
        run(&busy, "SELECT count(*) FROM generate_series(1, 10000000000)").await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..2 {
        signal("KILL", &[postmaster(&scratch.directory())]);
        let limit = Duration::from_secs(2);
        eventually("it answers", limit, async || count(&options).await.is_ok_and(|it| it == 1))
            .await;
    }
    assert!(busy.await.unwrap().is_err());
    server.stop().await;
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

#[tokio::test]
async fn a_killed_supervisor_is_replaced() {
    let scratch = Scratch::new();
    let server = start(&scratch.directory()).await;
    keep_one(&server).await;
    let shells: Vec<u32> = processes(scratch.0.to_str().unwrap())
        .into_iter()
        .filter_map(|(pid, line)| line.contains("runstate-supervisor").then_some(pid))
        .collect();
    let before = postmaster(&scratch.directory());
    signal("KILL", &shells);
    let options = server.connect_options();
    eventually("it answers", Duration::from_secs(5), async || {
        let file = scratch.directory().join("data/postmaster.pid");
        file.exists()
            && postmaster(&scratch.directory()) != before
            && count(&options).await.is_ok_and(|it| it == 1)
    })
    .await;
    server.stop().await;
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

#[tokio::test]
async fn an_unfinished_initdb_is_not_taken_for_a_cluster() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    start(&directory).await.stop().await;
    // As it is when all but the last step was done.
    fs::rename(directory.join("data"), directory.join("data.new-0123abcd")).unwrap();
    start(&directory).await.stop().await;
    assert!(directory.join("data").exists() && !directory.join("data.new-0123abcd").exists());
}

#[tokio::test]
async fn a_start_may_be_killed_at_any_moment() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    for milliseconds in [5, 50, 150, 300, 450, 600, 750, 900] {
        let mut holder = Holder::spawn(directory.to_str().unwrap());
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        holder.kill();
    }
    let server = start(&directory).await;
    keep_one(&server).await;
    server.stop().await;
    let names = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name());
    let unfinished = |name: &std::ffi::OsString| name.to_string_lossy().contains("new");
    assert_eq!(names.filter(unfinished).count(), 0);
    assert_eq!(processes(scratch.0.to_str().unwrap()), []);
}

#[tokio::test]
async fn files_of_others_are_not_touched() {
    let scratch = Scratch::new();
    fs::write(scratch.0.join("letter"), "dear").unwrap();
    let error = EmbeddedPostgres::start(&scratch.0).await.unwrap_err();
    let refused = matches!(error, EmbeddedError::Foreign { .. } | EmbeddedError::NotOurs { .. });
    assert!(refused, "{error}");
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
}

#[tokio::test]
async fn a_damaged_cluster_is_never_replaced() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    start(&directory).await.stop().await;
    let (version, away) = (directory.join("data/PG_VERSION"), scratch.0.join("away"));
    fs::rename(&version, &away).unwrap();
    let text = EmbeddedPostgres::start(&directory).await.unwrap_err().to_string();
    assert!(text.contains("PG_VERSION"), "{text}");
    fs::write(&version, "word").unwrap();
    let text = EmbeddedPostgres::start(&directory).await.unwrap_err().to_string();
    assert!(text.contains("PG_VERSION"), "{text}");
    fs::rename(&away, &version).unwrap();

    fs::rename(directory.join("password"), &away).unwrap();
    let error = EmbeddedPostgres::start(&directory).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::PasswordMissing { .. }), "{error}");
    fs::rename(&away, directory.join("password")).unwrap();

    fs::rename(directory.join("data/global"), &away).unwrap();
    let began = Instant::now();
    let error = EmbeddedPostgres::start(&directory).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NotReady { .. }), "{error}");
    assert!(error.to_string().contains("pg_control"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    fs::rename(&away, directory.join("data/global")).unwrap();
    start(&directory).await.stop().await;
}

#[tokio::test]
async fn root_keeps_the_data_where_the_other_user_may_enter() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let scratch = Scratch::new();
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o700)).unwrap();
    let directory = scratch.directory();
    let server = start(&directory).await;
    keep_one(&server).await;
    server.stop().await;
    let target = fs::read_link(&directory).unwrap();
    assert!(target.starts_with("/var/lib/runstate"), "{}", target.display());

    // The link decides alone at the next start, also where the directory can now be entered.
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o755)).unwrap();
    let server = start(&directory).await;
    assert_eq!(count(&server.connect_options()).await.unwrap(), 1);
    server.stop().await;

    // Who removes the link finds the data again, rather than an empty database.
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o700)).unwrap();
    fs::remove_file(&directory).unwrap();
    let server = start(&directory).await;
    assert_eq!(count(&server.connect_options()).await.unwrap(), 1);
    server.stop().await;

    fs::remove_dir_all(&target).unwrap();
    // Only if no other cluster lives there.
    drop(fs::remove_dir("/var/lib/runstate"));
    let error = EmbeddedPostgres::start(&directory).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::LinkBroken { .. }), "{error}");
}
