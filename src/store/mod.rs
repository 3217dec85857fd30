//! Runs authorized plans: as one statement, or as one transaction of several. An outcome is given
//! only after its commit. Knows no SQL and no connection of its own.

mod counters;
mod group_commit;
mod idempotency;
mod outcome;
mod transaction;

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::Semaphore;
use uuid::Uuid;

use group_commit::{Creates, SingleCreate};
use outcome::outcome;

use crate::auth::Authorized;
use crate::database::{Connections, DEADLINE, StartError, schema};
use crate::error::{Error, Result};
use crate::message::Response;
use crate::plan::IdempotencyKey;
use crate::sql;

pub use counters::Miscounted;
pub use idempotency::Once;
pub use outcome::Outcome;

/// The database, open.
#[derive(Debug)]
pub struct Store {
    connections: Connections,
    creates: Creates,
    once_turns: Semaphore,
    token_key: Vec<u8>,
}

impl Store {
    /// Opens the database; it must be reachable and its schema up to date. The user of `options` must
    /// be a superuser or a member of `runstate_server`, the role that the server works as.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn open(options: PgConnectOptions) -> std::result::Result<Self, StartError> {
        let connections = Connections::open(&options).await?;
        let token_key = connections.page_token_key().await.map_err(StartError::Connect)?;
        let once_turns = Semaphore::new(idempotency::MAX_UNDER_WAY);
        Ok(Self { creates: Creates::new(connections.clone()), connections, once_turns, token_key })
    }

    /// Brings the schema up to date, under a lock of the database, so that servers which start
    /// together do not meet. Where it is up to date, any user who may read it will do.
    ///
    /// # Errors
    /// Where a migration fails, or the schema is newer than this program.
    pub async fn migrate(options: &PgConnectOptions) -> std::result::Result<(), StartError> {
        schema::migrate(options).await
    }

    /// The counters that do not say what the rows say, at one moment. The user of `options` must be the
    /// owner of the schema or a superuser, as for [`Store::recount`].
    ///
    /// # Errors
    /// Where they cannot be compared.
    pub async fn miscounted(
        options: &PgConnectOptions,
    ) -> std::result::Result<Vec<Miscounted>, StartError> {
        counters::check(options).await
    }

    /// Sets all counters to what the rows say, and moves what clients see of them by as much. Writes
    /// wait meanwhile.
    ///
    /// # Errors
    /// Where that cannot be done; nothing has changed then.
    pub async fn recount(options: &PgConnectOptions) -> std::result::Result<(), StartError> {
        counters::recount(options).await
    }

    /// What page tokens of a tenant are signed with; all servers of a database share it.
    #[must_use]
    pub fn token_key(&self, tenant: Uuid) -> Vec<u8> {
        [&self.token_key[..], tenant.as_bytes()].concat()
    }

    /// Whether the database answers, as far as is known: nothing is asked of it.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.connections.are_possible()
    }

    /// Ends all connections, and stops asking whether the database is there.
    pub async fn close(&self) {
        self.connections.close().await;
    }

    /// Runs a plan for the rows of its caller's tenant.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`], [`Error::PreconditionFailed`], or
    /// [`Error::Unavailable`] if the database fails.
    pub async fn run(&self, authorized: &Arc<Authorized>) -> Result<Outcome> {
        self.connections.limited(DEADLINE, Box::pin(self.carry_out(authorized))).await
    }

    /// Runs a plan that has an idempotency key: once, however often it comes. `reply` makes the
    /// reply, which is kept for a day.
    ///
    /// # Errors
    /// As [`Store::run`], and [`Error::IdempotencyKeyReused`]. A failure changes nothing and leaves
    /// the key free.
    pub async fn run_once(
        &self,
        authorized: &Authorized,
        key: &IdempotencyKey,
        reply: impl FnOnce(Outcome) -> Response,
    ) -> Result<Once> {
        let written = idempotency::run(&self.connections, &self.once_turns, authorized, key, reply);
        self.connections.limited(DEADLINE, Box::pin(written)).await
    }

    async fn carry_out(&self, authorized: &Arc<Authorized>) -> Result<Outcome> {
        if let Some(create) = SingleCreate::of(authorized) {
            return self.creates.create(create).await;
        }
        let tenant = authorized.tenant();
        let query = sql::query(tenant, authorized.plan());
        let mut session = self.connections.session(tenant).await?;
        if !query.others.is_empty() {
            return transaction::run(&mut session, query).await;
        }
        let rows = session.rows(query.first.statement).await?;
        let outcome = outcome(&rows, &query.first.reading);
        match (outcome, query.explanation) {
            (Err(Error::NotFound), Some(explanation)) => {
                let found = session.rows(explanation).await?;
                Err(if found.is_empty() { Error::NotFound } else { Error::PreconditionFailed })
            }
            (outcome, _) => outcome,
        }
    }
}
