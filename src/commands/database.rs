//! The database of a command: the one that is configured, or a private one that ends with the
//! command.

use embedded_postgres::{EmbeddedPostgres, Error};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::Failure;
use crate::config::Settings;
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
            let hosts = Hosts::parse(url)?;
            hosts.find_writable().await?;
            return Ok(Self { options: hosts.used().clone(), hosts, embedded: None });
        }
        let directory = settings.data_dir.join("postgres");
        let embedded = EmbeddedPostgres::start("runstate", &directory).await;
        let embedded = embedded.map_err(without_database)?;
        Ok(Self::of(embedded.connect_options(), Some(embedded)))
    }

    fn of(options: PgConnectOptions, embedded: Option<EmbeddedPostgres>) -> Self {
        Self { hosts: options.clone().into(), options, embedded }
    }

    /// Opens the database, also if it is private and a server runs on it. The schema is brought up to
    /// date, unless a server runs and has done so.
    pub(super) async fn open_or_join(settings: &Settings) -> Result<Self, Failure> {
        let directory = settings.data_dir.join("postgres");
        if settings.database_url.is_none()
            && let Ok(options) = EmbeddedPostgres::options_of_running("runstate", &directory)
            && let Ok(connection) = options.connect().await
        {
            connection.close().await?;
            return Ok(Self::of(options, None));
        }
        let database = Self::open(settings).await?;
        Store::migrate(&database.options).await?;
        Ok(database)
    }

    pub(super) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}

/// Adds the other ways to get a database to the error of PostgreSQL that is not installed.
fn without_database(error: Error) -> Failure {
    match error {
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
