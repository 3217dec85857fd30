//! Runs authorized plans, each as one statement or as one transaction of several. Returns an outcome
//! only after its commit. Contains no SQL and opens no connection itself.

mod actor;
mod concurrency;
mod counters;
mod group_commit;
mod history;
mod idempotency;
mod maintenance;
mod metrics;
mod outcome;
mod page_token;
mod past;
mod policy;
mod purge;
mod rehearsal;
mod transaction;
mod twin;
mod upserts;

use std::sync::Arc;
use std::time::Instant;

use sqlx::postgres::PgConnectOptions;
use tokio_util::sync::CancellationToken;

use concurrency::Concurrency;
use group_commit::{SingleWrite, WriteQueue};
use history::History;
use outcome::read_outcome;
use upserts::Upserts;

use crate::auth::Authorized;
use crate::database::{Connections, DEADLINE, StartError, schema};
use crate::error::{Error, Result};
use crate::message::Response;
use crate::metrics::{Stage, Stages};
use crate::plan::IdempotencyKey;
use crate::retention::HistoryDays;
use crate::sql;

pub use crate::database::{Condition, Hosts};
pub use counters::Miscounted;
pub use idempotency::IdempotentReply;
pub use outcome::Outcome;
pub use past::Past;
pub use twin::{MAX_TWIN_ROWS, MovedTwin, TWIN_TABLE, TWIN_TIMEOUT, TwinLock};

/// How often a plan is repeated that the database rolled back.
const RETRIES: usize = 3;
/// How often an upsert tries to change or to create its entity. One that the key of another
/// collection's entity refuses needs all of them, so they are few.
const UPSERT_TRIES: usize = 8;

#[derive(Debug)]
pub struct Store {
    connections: Connections,
    write_queue: WriteQueue,
    upserts: Upserts,
    reads: Concurrency,
    /// The writes that have an idempotency key.
    idempotent_writes: Concurrency,
    /// The copies of tenants of the test twin.
    twin: Concurrency,
    token_key: Vec<u8>,
    stages: Stages,
    history: Arc<History>,
    /// Ends the maintenance.
    maintenance_end: CancellationToken,
}

impl Store {
    /// Migrates the schema. A lock in the database serializes servers that start at the same time. If
    /// the schema is up to date, any user with the privilege to read it is sufficient.
    ///
    /// # Errors
    /// If a migration fails, or the schema is newer than this program.
    pub async fn migrate(options: &PgConnectOptions) -> std::result::Result<(), StartError> {
        schema::migrate(options).await
    }

    /// Connects to the database, whose schema must be up to date. The user of `hosts` must be a
    /// superuser or a member of `runstate_server`, the role that runs every statement.
    ///
    /// # Errors
    /// If the database is unavailable, or the user is not a member of the role.
    pub async fn open(
        hosts: impl Into<Hosts>,
        history_days: HistoryDays,
    ) -> std::result::Result<Self, StartError> {
        let connections = Connections::open(hosts.into(), history_days).await?;
        let token_key = connections.page_token_key().await.map_err(StartError::Connect)?;
        let stages = Stages::default();
        let write_queue = WriteQueue::new(connections.clone(), stages.clone());
        Ok(Self {
            connections,
            write_queue,
            upserts: Upserts::new(),
            reads: Concurrency::of_reads(),
            idempotent_writes: Concurrency::of_idempotent_writes(),
            twin: Concurrency::of_twin(),
            token_key,
            stages,
            history: Arc::default(),
            maintenance_end: CancellationToken::new(),
        })
    }

    /// The connections of the server, which the directory shares.
    #[must_use]
    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Whether the database is available, by the last probe; runs no statement.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.connections.is_available()
    }

    /// The condition of the database when it last responded to a probe; runs no statement.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.connections.condition()
    }

    /// Starts the maintenance of the database: now, and at an interval until [`Store::close`].
    pub fn start_maintenance(&self) {
        let (connections, end) = (self.connections.clone(), self.maintenance_end.clone());
        let history = Arc::clone(&self.history);
        self.connections.spawn(maintenance::run_regularly(connections, history, end));
    }

    /// Does the maintenance that is due, unless another server does it at this moment; returns
    /// whether it was done.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the database fails, or others use what is to be changed: the rest can
    /// be done later.
    pub async fn maintain(&self) -> Result<bool> {
        maintenance::run(&self.connections, &self.history).await
    }

    /// Closes all connections, and stops the maintenance and the probes.
    pub async fn close(&self) {
        self.maintenance_end.cancel();
        self.connections.close().await;
    }

    /// Runs a plan on the rows of its caller's tenant.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`], [`Error::PreconditionFailed`], or
    /// [`Error::Unavailable`] if the database fails, [`Error::RolledBack`] if it rolls the plan back
    /// again and again.
    pub async fn run(&self, authorized: &Arc<Authorized>) -> Result<Outcome> {
        let outcome = Box::pin(self.run_with_retries(authorized));
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
        let concurrency = &self.idempotent_writes;
        let (connections, stages) = (&self.connections, &self.stages);
        let write = idempotency::run(connections, stages, concurrency, authorized, key, reply);
        self.connections.with_timeout(DEADLINE, Box::pin(write)).await
    }

    /// Runs a plan, again if the database rolled it back.
    async fn run_with_retries(&self, authorized: &Arc<Authorized>) -> Result<Outcome> {
        let mut outcome = self.run_once(authorized).await;
        for _ in 0..RETRIES {
            match outcome {
                Err(error) if error.is_rolled_back() => outcome = self.run_once(authorized).await,
                outcome => return outcome,
            }
        }
        outcome
    }

    async fn run_once(&self, authorized: &Arc<Authorized>) -> Result<Outcome> {
        let outcome = match (SingleWrite::update(authorized), SingleWrite::create(authorized)) {
            (None, None) => self.run_query(authorized).await,
            (Some(update), None) => self.write_queue.write(update).await,
            (None, Some(create)) => self.write_queue.write(create).await,
            (Some(update), Some(create)) => self.upsert(update, create).await,
        };
        self.explained(authorized, outcome).await
    }

    /// Changes an entity, or creates it. What is more likely is tried first. Other writers may create or
    /// delete the entity between two tries, so both are tried several times. A conflict remains if the key
    /// is taken in another collection.
    async fn upsert(&self, update: SingleWrite, create: SingleWrite) -> Result<Outcome> {
        let entity = create.hash_of_entity();
        let mut creates_next = self.upserts.should_create(entity);
        let mut conflict = None;
        for _ in 0..UPSERT_TRIES {
            let write = if creates_next { &create } else { &update };
            match self.write_queue.write(write.clone()).await {
                Err(Error::NotFound) if !creates_next => creates_next = true,
                Err(error @ Error::Conflict { .. }) => {
                    (creates_next, conflict) = (false, Some(error));
                }
                outcome => {
                    if outcome.is_ok() {
                        self.upserts.remember(entity, creates_next);
                    }
                    return outcome;
                }
            }
        }
        Err(conflict.unwrap_or(Error::NotFound))
    }

    /// Runs the statements of a plan, which no other plan shares.
    async fn run_query(&self, authorized: &Authorized) -> Result<Outcome> {
        let tenant = authorized.tenant();
        let query = sql::query(tenant, authorized.plan());
        let start = Instant::now();
        let _permit = match authorized.plan().operation().is_read() {
            true => Some(self.reads.permit().await?),
            false => None,
        };
        let mut session = self.connections.session(tenant).await?;
        let ready = Instant::now();
        self.stages.took(Stage::Wait, ready - start);
        let outcome = match query.others.is_empty() && authorized.actor().is_none() {
            false => transaction::run(&mut session, query, authorized.actor()).await,
            true => match session.fetch(query.first.statement).await {
                Ok(rows) => read_outcome(&rows, &query.first.reading),
                Err(error) => Err(error),
            },
        };
        self.stages.took(Stage::Database, ready.elapsed());
        outcome
    }

    /// The outcome, with the reason of a write that found no entity to change, or no free key: if the
    /// entity exists, it fails the condition of the write. If the tenant has left the database, it has no
    /// entities here.
    async fn explained(
        &self,
        authorized: &Authorized,
        outcome: Result<Outcome>,
    ) -> Result<Outcome> {
        let error = match outcome {
            Err(error @ (Error::NotFound | Error::Conflict { .. })) => error,
            outcome => return outcome,
        };
        let tenant = authorized.tenant();
        let mut session = self.connections.session(tenant).await?;
        let Some(read) = sql::explanation(tenant, authorized.plan()) else { return Err(error) };
        let found = session.fetch(read).await?;
        Err(match error {
            error if found.is_empty() => error,
            Error::Conflict { .. } => Error::EntityExists,
            _ => Error::PreconditionFailed,
        })
    }
}
