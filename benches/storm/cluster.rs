//! The PostgreSQL server for the benchmark: an embedded one, or the one in `DATABASE_URL`. Creates and
//! drops databases, and describes the machine. Knows no tables.

use std::cell::RefCell;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use embedded_postgres::EmbeddedPostgres;
use runstate::store::Store;
#[expect(clippy::disallowed_types, reason = "names of databases cannot be binds")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, query_scalar};

use crate::Result;
use crate::database::Database;

/// The settings that the report prints.
const SETTINGS: [&str; 6] = [
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "shared_buffers",
    "max_connections",
];
/// The settings that must be on, because the benchmark measures durable writes.
const DURABLE: [&str; 3] = ["fsync", "synchronous_commit", "full_page_writes"];

/// A directory that is removed on drop. It is inside the target directory: a real disk, not tmpfs.
#[derive(Debug)]
pub(crate) struct WorkDir(PathBuf);

/// A running PostgreSQL.
#[derive(Debug)]
pub(crate) struct Cluster {
    options: PgConnectOptions,
    embedded: Option<EmbeddedPostgres>,
    databases: RefCell<Vec<String>>,
}

impl WorkDir {
    pub(crate) fn new() -> Result<Self> {
        let name = format!("storm-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        // For root, this may be a link to a data directory elsewhere.
        if let Ok(linked) = fs::read_link(self.0.join("postgres")) {
            fs::remove_dir_all(linked).ok();
        }
        fs::remove_dir_all(&self.0).ok();
    }
}

impl Cluster {
    pub(crate) async fn start(directory: &WorkDir, url: Option<&str>) -> Result<Self> {
        let embedded = match url {
            Some(_) => None,
            None => {
                Some(EmbeddedPostgres::start("runstate", &directory.path().join("postgres")).await?)
            }
        };
        let options = match (&embedded, url) {
            (Some(embedded), _) => embedded.connect_options(),
            (None, url) => PgConnectOptions::from_str(url.unwrap_or_default()).map_err(
                |_| "DATABASE_URL is not of the form postgres://user:password@host/name",
            )?,
        };
        Ok(Self { options, embedded, databases: RefCell::default() })
    }

    /// Creates a database with the schema and no data.
    pub(crate) async fn database(&self, name: &str) -> Result<Database> {
        let database = self.empty_database(name).await?;
        Store::migrate(database.options()).await?;
        Ok(database)
    }

    /// Creates a database without the schema.
    pub(crate) async fn empty_database(&self, name: &str) -> Result<Database> {
        let name = format!("storm_{}_{name}", std::process::id());
        self.run(&format!("CREATE DATABASE {name}")).await?;
        self.databases.borrow_mut().push(name.clone());
        let options = self.options.clone().database(&name);
        Ok(Database::new(options))
    }

    /// Drops all databases of this run.
    pub(crate) async fn clear(&self) -> Result<()> {
        let names = self.databases.take();
        for name in names {
            self.run(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }

    /// Drops all databases of this run and stops the embedded PostgreSQL.
    pub(crate) async fn stop(self) -> Result<()> {
        let cleared = self.clear().await;
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
        cleared
    }

    /// The version, the number of cores and the settings that affect the figures.
    pub(crate) async fn facts(&self) -> Result<String> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let cores = std::thread::available_parallelism()?;
        let mut facts = format!("Runstate {}, {cores} cores", env!("CARGO_PKG_VERSION"));
        for name in SETTINGS {
            let value = query_scalar::<_, String>("SELECT current_setting($1)").bind(name);
            let value = value.fetch_one(&mut connection).await?;
            if DURABLE.contains(&name) && value != "on" {
                let message = format!("{name} is {value}: the benchmark needs durable writes");
                return Err(message.into());
            }
            write!(facts, ", {name} {value}")?;
        }
        connection.close().await?;
        Ok(facts)
    }

    async fn run(&self, statement: &str) -> Result<()> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }
}
