//! The database of a command: the one that is configured, or a private one that ends with the
//! command.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::Failure;
use crate::config::Settings;
use crate::embedded::EmbeddedPostgres;

/// An open database.
pub(super) struct Database {
    /// How to connect to it.
    pub(super) options: PgConnectOptions,
    embedded: Option<EmbeddedPostgres>,
}

impl Database {
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        if let Some(url) = &settings.database_url {
            // The message of the driver might repeat the password.
            let options = PgConnectOptions::from_str(url).map_err(
                |_| "DATABASE_URL is not of the form postgres://user:password@host:port/database",
            )?;
            return Ok(Self { options, embedded: None });
        }
        let embedded = EmbeddedPostgres::start(&settings.data_dir.join("postgres")).await?;
        Ok(Self { options: embedded.connect_options(), embedded: Some(embedded) })
    }

    pub(super) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}
