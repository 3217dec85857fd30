//! What the tests share: directories that go, a second process that runs a PostgreSQL, and a look
//! at the processes of the system.

use runstate::embedded::EmbeddedPostgres;
#[expect(clippy::disallowed_types, reason = "the tests' own SQL takes names of databases")]
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The directory for the second process, in its environment.
pub(crate) const HOLD: &str = "RUNSTATE_TEST_HOLD";

/// A directory for one test, removed with all that lies in it.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        let name = format!("embedded-test-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.0.join(".runstate/postgres")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Another process that runs an embedded PostgreSQL: this very binary, in its test `holder`.
pub(crate) struct Holder(pub(crate) Child);

impl Holder {
    /// Starts it on a directory, or with a temporary cluster where that is empty.
    pub(crate) fn spawn(directory: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "holder", "--nocapture"]).env(HOLD, directory);
        Self(command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Waits until its PostgreSQL answers; returns the directory of the socket.
    pub(crate) fn wait_until_ready(&mut self) -> PathBuf {
        let output = BufReader::new(self.0.stdout.take().unwrap());
        let mut lines = output.lines().map(Result::unwrap);
        lines.find_map(|line| line.split_once("ready ").map(|(_, path)| path.into())).unwrap()
    }

    pub(crate) fn kill(&mut self) {
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

pub(crate) async fn start(directory: &Path) -> EmbeddedPostgres {
    EmbeddedPostgres::start(directory).await.unwrap()
}

pub(crate) async fn run(options: &PgConnectOptions, statement: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
    connection.close().await
}

pub(crate) async fn count(options: &PgConnectOptions) -> Result<i64, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let count = sqlx::query_scalar("SELECT count(*) FROM kept").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(count)
}

pub(crate) async fn keep_one(server: &EmbeddedPostgres) {
    let statement = "CREATE TABLE kept (one int); INSERT INTO kept VALUES (1)";
    run(&server.connect_options(), statement).await.unwrap();
}

pub(crate) fn sockets(server: &EmbeddedPostgres) -> PathBuf {
    server.connect_options().get_socket().unwrap().clone()
}

pub(crate) fn signal(name: &str, pids: &[u32]) {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "kill -s \"$@\"", "sh", name]).args(pids.iter().map(u32::to_string));
    assert!(shell.status().unwrap().success());
}

/// The living processes whose command line or working directory names `text`.
pub(crate) fn processes(text: &str) -> Vec<(u32, String)> {
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

/// The two shells that stand between a server and its PostgreSQL.
pub(crate) fn supervisors(text: &str) -> Vec<u32> {
    let shells =
        processes(text).into_iter().filter(|(_, line)| line.contains("runstate-supervisor"));
    shells.map(|(pid, _)| pid).collect()
}

pub(crate) fn postmaster(directory: &Path) -> u32 {
    let text = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

pub(crate) async fn eventually(what: &str, limit: Duration, mut done: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + limit;
    while !done().await {
        assert!(Instant::now() < end, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn vanishes(path: &Path) {
    let text = path.to_str().unwrap();
    let limit = Duration::from_secs(20);
    eventually("the processes end", limit, async || processes(text).is_empty()).await;
    eventually("the directory goes", limit, async || !path.exists()).await;
}
