//! The database of a command: the one that is configured, or a private one that ends with the
//! command.

use embedded_postgres::{EmbeddedPostgres, Error};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::Failure;
use crate::config::Settings;
use crate::disk::{self, DiskTooSmall};
use crate::store::{Hosts, Store};

/// An open database.
pub(super) struct Database {
    /// How to connect to the host that takes writes.
    pub(super) options: PgConnectOptions,
    /// All hosts of the database.
    pub(super) hosts: Hosts,
    embedded: Option<EmbeddedPostgres>,
}

impl Database {
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        if let Some(url) = &settings.database_url {
            return Self::at(url).await;
        }
        let directory = settings.data_dir.join("postgres");
        let embedded = EmbeddedPostgres::start("runstate", &directory).await;
        let embedded = embedded.map_err(without_database)?;
        Ok(Self::of(embedded.connect_options(), Some(embedded)))
    }

    /// The database with this URL.
    pub(super) async fn at(url: &str) -> Result<Self, Failure> {
        let hosts = Hosts::parse(url)?;
        hosts.find_writable().await?;
        Ok(Self { options: hosts.used().clone(), hosts, embedded: None })
    }

    /// A temporary database on disk, which is removed when it is closed.
    pub(super) async fn temporary() -> Result<Self, Failure> {
        let embedded = EmbeddedPostgres::start_temporary_on_disk("runstate").await;
        let embedded = embedded.map_err(without_database)?;
        Ok(Self::of(embedded.connect_options(), Some(embedded)))
    }

    /// Checks that the disk of the database has so many bytes for some work, if this command runs the
    /// database.
    pub(super) fn check_space(&self, work: &'static str, needed: u64) -> Result<(), DiskTooSmall> {
        match &self.embedded {
            Some(embedded) => disk::check_space(work, &[(embedded.directory(), needed)]),
            None => Ok(()),
        }
    }

    fn of(options: PgConnectOptions, embedded: Option<EmbeddedPostgres>) -> Self {
        Self { hosts: options.clone().into(), options, embedded }
    }

    /// Opens the database, also if it is private and a server runs on it. The schema is brought up to
    /// date, unless a server runs and has done so.
    pub(super) async fn open_or_join(settings: &Settings) -> Result<Self, Failure> {
        if let Some(database) = Self::join(settings).await? {
            return Ok(database);
        }
        let database = Self::open(settings).await?;
        Store::migrate(&database.options).await?;
        Ok(database)
    }

    /// Opens a database that exists, as it is, also if it is private and a server runs on it.
    pub(super) async fn open_existing(settings: &Settings) -> Result<Self, Failure> {
        if let Some(database) = Self::join(settings).await? {
            return Ok(database);
        }
        let directory = settings.data_dir.join("postgres");
        if settings.database_url.is_none() && !directory.join("data").exists() {
            let directory = settings.data_dir.display();
            return Err(format!(
                "there is no database in {directory}. Set RUNSTATE_DATA_DIR or DATABASE_URL."
            )
            .into());
        }
        Self::open(settings).await
    }

    /// The private database, if a server runs on it.
    async fn join(settings: &Settings) -> Result<Option<Self>, Failure> {
        let directory = settings.data_dir.join("postgres");
        if settings.database_url.is_none()
            && let Ok(options) = EmbeddedPostgres::options_of_running("runstate", &directory)
            && let Ok(connection) = options.connect().await
        {
            connection.close().await?;
            return Ok(Some(Self::of(options, None)));
        }
        Ok(None)
    }

    pub(super) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}

/// Adds the other ways to get a database to the error of PostgreSQL that is not installed.
pub(super) fn without_database(error: Error) -> Failure {
    match error {
        Error::NotInstalled(error) if error.major.is_some() => format!(
            "{error}\nThen `runstate upgrade-cluster` moves the database to a newer version, if one is \
             installed beside it."
        )
        .into(),
        Error::NotInstalled(error) => format!(
            "{error}\nOr set DATABASE_URL to a PostgreSQL server that already runs, or use `docker \
             compose up`."
        )
        .into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use embedded_postgres::NotInstalled;

    use super::*;

    #[test]
    fn without_postgresql_the_message_has_every_way_to_get_a_database() {
        let error = NotInstalled { major: None, found: vec![], path: vec![], directories: vec![] };
        let text = without_database(error.into()).to_string();
        for way in ["apt-get install postgresql\n", "DATABASE_URL", "`docker compose up`"] {
            assert!(text.contains(way), "{text}");
        }
    }
}
