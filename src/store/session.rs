//! Connections, each opened to the rows of some tenants: there is no other way to a statement. The
//! database itself hides everyone else's (`migrations/0010_tenants_apart.sql`). Knows no plan.

use std::collections::BTreeSet;
use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "the texts come from `sql`, with values as binds")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{Connection, Postgres, Transaction};
use uuid::Uuid;

use super::connections::{Connections, Lease};
use super::failure::{self, StartError};
use crate::error::Result;
use crate::sql::{Cells, Statement};

/// Whoever opens sessions.
#[derive(Clone, Debug)]
pub(super) struct Sessions(Connections);

/// A connection that sees the rows of some tenants alone, until it is dropped.
#[derive(Debug)]
pub(super) struct Session(Lease);

impl Sessions {
    /// Connects to a database whose schema is up to date.
    pub(super) async fn open(options: PgConnectOptions) -> std::result::Result<Self, StartError> {
        Connections::open(&options).await.map(Self)
    }

    /// A connection for statements of these tenants. What it was open to before is forgotten, so that
    /// it does not matter how its last use ended.
    pub(super) async fn of(&self, tenants: impl IntoIterator<Item = Uuid>) -> Result<Session> {
        let tenants: BTreeSet<Uuid> = tenants.into_iter().collect();
        let tenants: Vec<Uuid> = tenants.into_iter().collect();
        let mut lease = self.0.lease().await?;
        sqlx::query("SELECT set_config('runstate.tenants', $1::uuid[]::text, false)")
            .bind(tenants)
            .execute(&mut *lease)
            .await
            .map_err(|error| failure::of_statement(&error))?;
        Ok(Session(lease))
    }

    /// Does what is asked of the database, within the limits of [`Connections::limited`].
    pub(super) async fn limited<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.0.limited(limit, work).await
    }

    /// What page tokens are signed with.
    pub(super) async fn page_token_key(&self) -> std::result::Result<Vec<u8>, StartError> {
        self.0.page_token_key().await.map_err(StartError::Connect)
    }

    /// Whether the database is there.
    pub(super) fn are_possible(&self) -> bool {
        self.0.are_possible()
    }

    /// Ends all connections.
    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

impl Session {
    /// Runs a statement of `sql`'s.
    pub(super) async fn rows(&mut self, statement: Statement) -> Result<Vec<PgRow>> {
        rows(&mut self.0, statement).await
    }

    /// Several statements of which all happen, or none.
    pub(super) async fn begin(&mut self) -> Result<Transaction<'_, Postgres>> {
        self.0.begin().await.map_err(|error| failure::of_statement(&error))
    }
}

/// Runs a statement of `sql`'s on the connection of a session.
pub(super) async fn rows(
    connection: &mut PgConnection,
    statement: Statement,
) -> Result<Vec<PgRow>> {
    bound(statement).fetch_all(connection).await.map_err(|error| failure::of_statement(&error))
}

fn bound(statement: Statement) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.text));
    statement.binds.into_iter().fold(query, |query, cells| match cells {
        Cells::Guids(cells) => query.bind(cells),
        Cells::Texts(cells) => query.bind(cells),
        Cells::Booleans(cells) => query.bind(cells),
        Cells::Integers(cells) => query.bind(cells),
        Cells::Bigints(cells) => query.bind(cells),
        Cells::Doubles(cells) => query.bind(cells),
        Cells::Smallints(cells) => query.bind(cells),
        Cells::Binaries(cells) => query.bind(cells),
    })
}
