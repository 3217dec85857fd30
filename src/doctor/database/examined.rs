//! The connection on which a database is examined: the user's own rights, nothing is written, and no
//! statement takes long.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{Connection, Error as Driver, FromRow};
use tokio::time;

use crate::auth::ServedTenants;
use crate::database::{StartError, connect};
use crate::doctor::Database;

/// How long the database may take to accept the connection.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a query may take. Counting everything takes as long as it does.
const QUERY_TIMEOUT_MS: &str = "60000";

/// A database that is examined.
pub(in crate::doctor) struct Examined {
    driver: PgConnection,
    pub(super) options: PgConnectOptions,
    pub(super) is_embedded: bool,
    pub(super) counts_all: bool,
    pub(super) served: Result<ServedTenants, String>,
}

impl Examined {
    /// Connects with the rights of the user.
    pub(in crate::doctor) async fn connect(database: &Database<'_>) -> Result<Self, StartError> {
        let &Database { options, is_embedded, counts_all, served } = database;
        let timeout = if counts_all { "0" } else { QUERY_TIMEOUT_MS };
        let session = options.clone().application_name("runstate doctor").options([
            ("default_transaction_read_only", "on"),
            ("statement_timeout", timeout),
            ("lock_timeout", "2000"),
        ]);
        let driver = time::timeout(TIMEOUT, connect(&session)).await;
        let driver = driver.unwrap_or(Err(StartError::Connect(Driver::PoolTimedOut)))?;
        let (options, served) = (options.clone(), served.clone());
        Ok(Self { driver, options, is_embedded, counts_all, served })
    }

    /// The one row of a query.
    #[expect(clippy::disallowed_methods, reason = "constant texts, run by the user's command")]
    pub(super) async fn row<Row>(&mut self, query: &'static str) -> Result<Row, Driver>
    where
        Row: for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        sqlx::query_as(query).fetch_one(&mut self.driver).await
    }

    /// The rows of a query.
    #[expect(clippy::disallowed_methods, reason = "constant texts, run by the user's command")]
    pub(super) async fn rows<Row>(&mut self, query: &'static str) -> Result<Vec<Row>, Driver>
    where
        Row: for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        sqlx::query_as(query).fetch_all(&mut self.driver).await
    }

    /// Whether the user sees the rows of all tenants, as the owner does.
    pub(super) async fn sees_all_tenants(&mut self) -> Result<bool, Driver> {
        let (limited,) = self
            .row::<(bool,)>(
                "SELECT EXISTS (SELECT FROM pg_class
                                WHERE relnamespace = current_schema()::regnamespace
                                  AND relrowsecurity AND row_security_active(oid))",
            )
            .await?;
        Ok(!limited)
    }

    pub(in crate::doctor) async fn close(self) {
        // What was examined has been read already.
        self.driver.close().await.ok();
    }
}
