//! Connections, each opened to the rows of some tenants: there is no other way to a statement. The
//! database itself hides everyone else's (`migrations/0010_tenants_apart.sql`). Knows no plan.

use std::collections::BTreeSet;

#[expect(clippy::disallowed_types, reason = "the texts come from `sql`, with values as binds")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{Connection, Error as Driver, Postgres, Transaction};
use tokio::time;
use uuid::Uuid;

use super::connections::{ACQUIRE_TIMEOUT, Connections, Lease, MAX_CONNECTIONS};
use super::failure;
use super::presence::in_time;
use crate::error::Result;
use crate::sql::{Cells, Statement};

/// A connection that sees the rows of some tenants alone, until it is dropped.
#[derive(Debug)]
pub(super) struct Session(Lease);

/// For what the database makes the plans of a session's statements.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plans {
    /// For the values, as long as that seems worth it.
    OfValues,
    /// For the text, once: right for statements that find every row by its key, where planning would
    /// take as long as the work.
    OfText,
}

impl Connections {
    /// A connection for statements of these tenants. What it was open to before is forgotten, so that
    /// it does not matter how its last use ended. That the tenants can be named shows as well that
    /// the connection is alive; one that broke while it lay idle is passed over.
    pub(super) async fn session(
        &self,
        tenants: impl IntoIterator<Item = Uuid>,
        plans: Plans,
    ) -> Result<Session> {
        let tenants: BTreeSet<Uuid> = tenants.into_iter().collect();
        let tenants: Vec<Uuid> = tenants.into_iter().collect();
        let opened = time::timeout(ACQUIRE_TIMEOUT, self.opened_to(&tenants, plans)).await;
        opened.unwrap_or_else(|_| Err(failure::of_connection(&Driver::PoolTimedOut)))
    }

    async fn opened_to(&self, tenants: &[Uuid], plans: Plans) -> Result<Session> {
        let mut broken = Driver::PoolTimedOut;
        // As many may have broken, and one more may not be opened now.
        for _ in 0..=MAX_CONNECTIONS {
            let mut lease = self.lease().await?;
            let named = sqlx::query(
                "SELECT set_config('runstate.tenants', $1::uuid[]::text, false), \
                 set_config('plan_cache_mode', $2, false)",
            )
            .bind(tenants)
            .bind(plans.mode())
            .execute(&mut *lease);
            match in_time(named).await {
                Ok(_) => return Ok(Session(lease)),
                Err(error) => broken = error,
            }
        }
        Err(failure::of_connection(&broken))
    }
}

impl Plans {
    fn mode(self) -> &'static str {
        match self {
            Self::OfValues => "auto",
            Self::OfText => "force_generic_plan",
        }
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

/// A statement and what is bound to it, as the driver takes them. Whoever has no session has no
/// connection to run it on; the tests, which have one, ask the database how it would be run.
pub fn bound(statement: Statement) -> Query<'static, Postgres, PgArguments> {
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
