//! The default database: a PostgreSQL of our own, which nobody has to set up. The door to it
//! starts and stops one; the rooms behind find the programs and the place for the data, and see
//! to it that `postgres` runs exactly as long as we do.

mod cluster;
mod download;
mod error;
mod files;
mod home;
mod owner;
mod private;
mod processes;
mod programs;
mod supervisor;

pub use error::EmbeddedError;

use cluster::Cluster;
use error::{Result, Trying};
use home::Home;
use owner::Owner;
use programs::Programs;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, query};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use supervisor::Supervisor;

/// How long a start may take; the recovery after a crash is part of it.
const LIMIT: Duration = Duration::from_secs(120);
/// So often `postgres` may fail before the start is given up.
const FAILURES: u32 = 5;

/// A PostgreSQL of our own, running while this value lives. When the process ends, in whatever
/// way, PostgreSQL is shut down too.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    options: PgConnectOptions,
    // Dropped in this order: PostgreSQL stops before its directories are let go.
    supervisor: Supervisor,
    cluster: Arc<Cluster>,
}

impl EmbeddedPostgres {
    /// Starts PostgreSQL on the cluster in `directory` (such as `.runstate/postgres`), which is
    /// made when absent and recovered when a crash left it. Its database is `runstate`.
    ///
    /// # Errors
    /// When there are no programs of PostgreSQL to be had, when another server uses the
    /// directory, or when the system or PostgreSQL refuses.
    pub async fn start(directory: &Path) -> Result<Self> {
        let given = directory.to_owned();
        let home = blocking(move || Home::claim(&given)).await?;
        let store = home.path.with_file_name("programs");
        let programs = programs::obtain(cluster::major(&home)?, &home.owner, &store).await?;
        let started = blocking(move || Self::launch(Cluster::lasting(home)?, &programs)).await?;
        let mut connection = started.wait_until_ready().await?;
        make_database(&mut connection).await?;
        connection.close().await?;
        Ok(started)
    }

    /// Starts PostgreSQL for a test, on an empty cluster in a directory of its own, which goes
    /// when this value or the process does. Fast rather than durable.
    ///
    /// # Errors
    /// When there are no programs of PostgreSQL to be had, or when the system or PostgreSQL
    /// refuses.
    pub async fn start_temporary() -> Result<Self> {
        let owner = blocking(|| Owner::choose(None)).await?;
        let programs = programs::obtain(None, &owner, &store(&owner)).await?;
        let started = blocking(move || Self::launch(Cluster::temporary(owner)?, &programs)).await?;
        started.wait_until_ready().await?.close().await?;
        Ok(started)
    }

    /// How to connect: as superuser, to the database `runstate`, or `postgres` where the cluster
    /// is temporary.
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Shuts PostgreSQL down (connections are cut, everything is written) and waits for it.
    /// Dropping the value does the same, but blocks its thread.
    pub async fn stop(self) {
        if let Err(error) = tokio::task::spawn_blocking(move || drop(self)).await {
            tracing::error!("stopping PostgreSQL failed: {error}");
        }
    }

    fn launch(cluster: Cluster, programs: &Programs) -> Result<Self> {
        cluster.prepare(programs)?;
        let options = cluster.options()?;
        let job = cluster.postgres(programs);
        let program = job.program.clone();
        let cluster = Arc::new(cluster);
        let supervisor = Supervisor::start(Arc::clone(&cluster), job).trying("start", &program)?;
        Ok(Self { options, supervisor, cluster })
    }

    /// The first connection that succeeds.
    async fn wait_until_ready(&self) -> Result<PgConnection> {
        let options = self.options.clone().database("postgres");
        let end = Instant::now() + LIMIT;
        let mut pause = Duration::from_millis(5);
        loop {
            let attempt = PgConnection::connect_with(&options);
            let cause = match tokio::time::timeout(Duration::from_secs(5), attempt).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) if is_lasting(&error) => {
                    return Err(self.cluster.not_ready(error.to_string()));
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer".into(),
            };
            if self.supervisor.failures() >= FAILURES || Instant::now() > end {
                return Err(self.cluster.not_ready(cause));
            }
            tokio::time::sleep(pause).await;
            // Each refusal is two lines in the log: a long recovery shall not fill it.
            pause = Duration::from_millis(100).min(pause + Duration::from_millis(5));
        }
    }
}

/// Whether waiting does not help. Class 57 is a server that starts or stops.
fn is_lasting(error: &sqlx::Error) -> bool {
    let refused = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    refused.is_some_and(|code| !code.starts_with("57"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "two constant texts, on a database that has no schema yet"
)]
async fn make_database(connection: &mut PgConnection) -> Result<()> {
    let known = query("SELECT 1 FROM pg_database WHERE datname = 'runstate'");
    if known.fetch_optional(&mut *connection).await?.is_none() {
        query("CREATE DATABASE runstate").execute(connection).await?;
    }
    Ok(())
}

/// Where downloaded programs are kept for clusters that are not: never in the directory for
/// temporary files, where others could put theirs.
fn store(owner: &Owner) -> PathBuf {
    match std::env::home_dir() {
        Some(home) if !owner.is_another() => home.join(".cache/runstate/programs"),
        _ => Path::new(home::SHARED).join("programs"),
    }
}

/// Runs what waits for files and processes where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(std::io::Error::other(error)).trying("run", Path::new("a thread")),
    }
}
