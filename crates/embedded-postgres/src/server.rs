//! Starts and stops a PostgreSQL server on a cluster. It knows the order of the steps; each step is
//! a module of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[expect(clippy::disallowed_types, reason = "a name of letters, digits and underscores")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, query};

use crate::cluster::{self, Cluster};
use crate::directory::Directory;
use crate::error::{IoContext, Result};
use crate::name::Name;
use crate::private_directory::PrivateDirectory;
use crate::programs::{self, Programs};
use crate::replacement;
use crate::supervisor::Supervisor;
use crate::user::User;

/// How long a start may take; the recovery after a crash is part of it.
const START_TIMEOUT: Duration = Duration::from_secs(120);
/// How often `postgres` may end by itself before the start is given up.
const MAX_FAILURES: u32 = 5;
/// How long one attempt to connect may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A PostgreSQL server that runs while this value lives. When the process ends, in whatever way, the
/// server is shut down too.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    options: PgConnectOptions,
    // Dropped in this order: PostgreSQL stops before its directories are unlocked.
    supervisor: Supervisor,
    cluster: Arc<Cluster>,
}

impl EmbeddedPostgres {
    /// Starts PostgreSQL on the cluster in `directory` (such as `data/postgres`), which is created
    /// when absent and recovered after a crash.
    ///
    /// `name` is the application's: the superuser and the database have this name, as have the
    /// directories of sockets in `/tmp`. It consists of at most 15 lower-case letters, digits and
    /// underscores, and starts with a letter.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, when another server uses the directory, or when the system
    /// or PostgreSQL refuses something.
    pub async fn start(name: &str, directory: &Path) -> Result<Self> {
        let name = Name::parse(name)?;
        let (own, directory) = (name.clone(), directory.to_owned());
        let found = blocking(move || {
            let directory = Directory::claim(&own, &directory)?;
            replacement::finish(&directory)?;
            let programs = programs::find(cluster::major(&directory)?, &directory.user)?;
            Ok((Cluster::lasting(own, directory)?, programs))
        });
        let (cluster, programs) = found.await?;
        Self::start_on(cluster, programs, &name).await
    }

    /// Starts PostgreSQL for a test, on an empty cluster in a directory of its own, which is removed
    /// with this value or the process. It is fast rather than durable: in memory, if `/dev/shm` has room.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or when the system or PostgreSQL refuses something.
    pub async fn start_temporary(name: &str) -> Result<Self> {
        Self::start_in(name, PrivateDirectory::create_in_memory).await
    }

    /// Like [`EmbeddedPostgres::start_temporary`], but in the system's directory for temporary files, for
    /// rows that may not fit into memory.
    ///
    /// # Errors
    /// Like [`EmbeddedPostgres::start`].
    pub async fn start_temporary_on_disk(name: &str) -> Result<Self> {
        Self::start_in(name, PrivateDirectory::create).await
    }

    /// Starts PostgreSQL on an empty cluster in a directory that is removed with it.
    async fn start_in(
        name: &str,
        create: fn(&Name, &User) -> Result<PrivateDirectory>,
    ) -> Result<Self> {
        let name = Name::parse(name)?;
        let started = blocking(move || {
            let user = User::choose(None)?;
            let programs = programs::find(None, &user)?;
            let directory = create(&name, &user)?;
            Self::launch(Cluster::temporary(name, user, directory), &programs)
        });
        let started = started.await?;
        started.wait_until_ready().await?.close().await?;
        Ok(started)
    }

    /// Starts PostgreSQL on a cluster, and creates the database of the application where it is absent.
    pub(crate) async fn start_on(
        cluster: Cluster,
        programs: Programs,
        name: &Name,
    ) -> Result<Self> {
        let started = blocking(move || Self::launch(cluster, &programs)).await?;
        let mut connection = started.wait_until_ready().await?;
        create_database(&mut connection, name).await?;
        connection.close().await?;
        Ok(started)
    }

    /// How to connect: as superuser, to the database with the application's name, or to `postgres`
    /// where the cluster is temporary.
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The directory with the files of the cluster.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.cluster.directory()
    }

    /// Shuts PostgreSQL down (connections are closed, everything is written) and waits for it.
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
        let supervisor = Supervisor::start(Arc::clone(&cluster), job).context("start", &program)?;
        Ok(Self { options, supervisor, cluster })
    }

    /// The first connection that succeeds.
    async fn wait_until_ready(&self) -> Result<PgConnection> {
        let options = self.options.clone().database("postgres");
        let end = Instant::now() + START_TIMEOUT;
        let mut pause = Duration::from_millis(5);
        loop {
            let attempt = PgConnection::connect_with(&options);
            let cause = match tokio::time::timeout(CONNECT_TIMEOUT, attempt).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) if is_permanent(&error) => {
                    return Err(self.cluster.not_ready(error.to_string()));
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer".into(),
            };
            if self.supervisor.failures() >= MAX_FAILURES || Instant::now() > end {
                return Err(self.cluster.not_ready(cause));
            }
            tokio::time::sleep(pause).await;
            // Each refusal is two lines in the log: a long recovery must not fill it.
            pause = Duration::from_millis(100).min(pause + Duration::from_millis(5));
        }
    }
}

/// Whether waiting does not help. Class 57 is a server that starts or stops.
fn is_permanent(error: &sqlx::Error) -> bool {
    let refused = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    refused.is_some_and(|code| !code.starts_with("57"))
}

#[expect(clippy::disallowed_methods, reason = "two constant texts and a name, before any schema")]
async fn create_database(connection: &mut PgConnection, name: &Name) -> Result<()> {
    let known = query("SELECT 1 FROM pg_database WHERE datname = $1").bind(name.as_str());
    if known.fetch_optional(&mut *connection).await?.is_none() {
        // The name of a database cannot be a bind parameter.
        query(AssertSqlSafe(format!("CREATE DATABASE \"{name}\""))).execute(connection).await?;
    }
    Ok(())
}

/// Runs what waits for files and processes where it does not block the runtime.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(std::io::Error::other(error)).context("run", Path::new("a thread")),
    }
}
