//! Runs authorized plans, each as one statement or as one transaction of several. Returns an outcome
//! only after its commit. Contains no SQL and opens no connection itself.

mod counters;
mod group_commit;
mod idempotency;
mod outcome;
mod transaction;

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::Semaphore;
use uuid::Uuid;

use group_commit::{CreateQueue, SingleCreate};
use outcome::read_outcome;

use crate::auth::Authorized;
use crate::database::{Connections, DEADLINE, StartError, schema};
use crate::error::{Error, Result};
use crate::message::Response;
use crate::plan::IdempotencyKey;
use crate::sql;

pub use counters::Miscounted;
pub use idempotency::IdempotentReply;
pub use outcome::Outcome;

#[derive(Debug)]
pub struct Store {
    connections: Connections,
    create_queue: CreateQueue,
    /// Limits the concurrent writes that have an idempotency key.
    idempotent_writes: Semaphore,
    token_key: Vec<u8>,
}

impl Store {
    /// Connects to the database, whose schema must be up to date. The user of `options` must be a
    /// superuser or a member of `runstate_server`, the role that runs every statement.
    ///
    /// # Errors
    /// If the database is unavailable, or the user is not a member of the role.
    pub async fn open(options: PgConnectOptions) -> std::result::Result<Self, StartError> {
        let connections = Connections::open(&options).await?;
        let token_key = connections.page_token_key().await.map_err(StartError::Connect)?;
        let create_queue = CreateQueue::new(connections.clone());
        let idempotent_writes = Semaphore::new(idempotency::MAX_CONCURRENT);
        Ok(Self { connections, create_queue, idempotent_writes, token_key })
    }

    /// Migrates the schema. A lock in the database serializes servers that start at the same time. If
    /// the schema is up to date, any user with the privilege to read it is sufficient.
    ///
    /// # Errors
    /// If a migration fails, or the schema is newer than this program.
    pub async fn migrate(options: &PgConnectOptions) -> std::result::Result<(), StartError> {
        schema::migrate(options).await
    }

    /// Finds the counters that differ from their rows, in one snapshot. The user of `options` must be
    /// the owner of the schema or a superuser, as for [`Store::recount`].
    ///
    /// # Errors
    /// If the counters cannot be compared with their rows.
    pub async fn find_miscounted(
        options: &PgConnectOptions,
    ) -> std::result::Result<Vec<Miscounted>, StartError> {
        counters::find_miscounted(options).await
    }

    /// Recomputes all counters from their rows, and corrects the run summaries by the differences.
    /// Blocks writes until it ends.
    ///
    /// # Errors
    /// If the transaction fails; it is rolled back then.
    pub async fn recount(options: &PgConnectOptions) -> std::result::Result<(), StartError> {
        counters::recount(options).await
    }

    /// The key with which the page tokens of a tenant are signed. All servers of a database share it.
    #[must_use]
    pub fn token_key(&self, tenant: Uuid) -> Vec<u8> {
        [&self.token_key[..], tenant.as_bytes()].concat()
    }

    /// Whether the database is available, by the last probe; runs no statement.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.connections.is_available()
    }

    /// Closes all connections, and stops the probes.
    pub async fn close(&self) {
        self.connections.close().await;
    }

    /// Runs a plan on the rows of its caller's tenant.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`], [`Error::PreconditionFailed`], or
    /// [`Error::Unavailable`] if the database fails.
    pub async fn run(&self, authorized: &Arc<Authorized>) -> Result<Outcome> {
        let outcome = Box::pin(self.run_unlimited(authorized));
        let outcome = self.connections.with_timeout(DEADLINE, outcome).await?;
        Ok(outcome.signed(&self.token_key(authorized.tenant())))
    }

    /// Runs a plan that has an idempotency key. A retry with the same key replays the stored reply.
    /// `reply` builds the reply, which is stored for a day.
    ///
    /// # Errors
    /// As [`Store::run`], and [`Error::IdempotencyKeyReused`]. After an error neither the write nor
    /// the key is stored.
    pub async fn run_idempotent(
        &self,
        authorized: &Authorized,
        key: &IdempotencyKey,
        reply: impl FnOnce(Outcome) -> Response,
    ) -> Result<IdempotentReply> {
        let token_key = self.token_key(authorized.tenant());
        let reply = |outcome: Outcome| reply(outcome.signed(&token_key));
        let permits = &self.idempotent_writes;
        let write = idempotency::run(&self.connections, permits, authorized, key, reply);
        self.connections.with_timeout(DEADLINE, Box::pin(write)).await
    }

    async fn run_unlimited(&self, authorized: &Arc<Authorized>) -> Result<Outcome> {
        if let Some(create) = SingleCreate::of(authorized) {
            return self.create_queue.create(create).await;
        }
        let tenant = authorized.tenant();
        let query = sql::query(tenant, authorized.plan());
        let mut session = self.connections.session(tenant).await?;
        if !query.others.is_empty() {
            return transaction::run(&mut session, query).await;
        }
        let rows = session.fetch(query.first.statement).await?;
        let outcome = read_outcome(&rows, &query.first.reading);
        match (outcome, query.explanation) {
            (Err(Error::NotFound), Some(explanation)) => {
                let found = session.fetch(explanation).await?;
                Err(if found.is_empty() { Error::NotFound } else { Error::PreconditionFailed })
            }
            (outcome, _) => outcome,
        }
    }
}
