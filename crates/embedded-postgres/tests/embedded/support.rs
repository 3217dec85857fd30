//! For several tests: a second process that runs a PostgreSQL, and a table in it.

use embedded_postgres::EmbeddedPostgres;
#[expect(clippy::disallowed_types, reason = "the tests' own SQL takes names of databases")]
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::system::{PATIENCE, Scratch, eventually, processes};

/// The name of the application.
pub(crate) const NAME: &str = "embedded_test";
/// The environment variable with the directory for the second process.
pub(crate) const HOLD: &str = "EMBEDDED_POSTGRES_HOLD";

/// The directory of a cluster that stays.
pub(crate) fn directory(scratch: &Scratch) -> PathBuf {
    scratch.0.join("below/postgres")
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
    EmbeddedPostgres::start(NAME, directory).await.unwrap()
}

pub(crate) async fn run(options: &PgConnectOptions, statement: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
    connection.close().await
}

pub(crate) async fn count(options: &PgConnectOptions) -> Result<i64, sqlx::Error> {
    number(options, "SELECT count(*) FROM kept").await
}

/// The number that a query returns.
pub(crate) async fn number(
    options: &PgConnectOptions,
    query: &'static str,
) -> Result<i64, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let number = sqlx::query_scalar(query).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(number)
}

pub(crate) async fn keep_one(server: &EmbeddedPostgres) {
    let statement = "CREATE TABLE kept (one int); INSERT INTO kept VALUES (1)";
    run(&server.connect_options(), statement).await.unwrap();
}

pub(crate) fn sockets(server: &EmbeddedPostgres) -> PathBuf {
    server.connect_options().get_socket().unwrap().clone()
}

pub(crate) async fn vanishes(path: &Path) {
    let text = path.to_str().unwrap();
    eventually("the processes end", PATIENCE, async || processes(text).is_empty()).await;
    eventually("the directory goes", PATIENCE, async || !path.exists()).await;
}
