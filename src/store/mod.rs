//! The database: its sessions, its schema, and the one place that runs a plan. A plan is one
//! statement, or one transaction of a few; what it answers has been committed.

mod counters;
mod group_commit;
mod idempotency;
mod transaction;

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{Postgres, Row};
use tokio::sync::Semaphore;
use uuid::Uuid;

use group_commit::Creates;

use crate::auth::Permitted;
use crate::database::{Connections, DEADLINE, StartError, failure, schema};
use crate::error::{Error, Result};
use crate::message::Response;
use crate::plan::{Act, IdempotencyKey, Plan};
use crate::sql::{self, Statement};

pub use counters::Miscounted;
pub use idempotency::Once;

/// The database, open.
#[derive(Debug)]
pub struct Store {
    connections: Connections,
    creates: Creates,
    once_turns: Semaphore,
    token_key: Vec<u8>,
}

/// What running a plan yielded. Entities are JSON, as the database assembled them.
#[derive(Debug)]
pub enum Outcome {
    /// The entity as it is, or as the write left it, and its tag.
    Entity(String, String),
    /// A navigation leads to no entity.
    Nothing,
    /// A page of a collection.
    Page {
        /// The entities, in order, with commas between them.
        entities: String,
        /// The token of the next page, if more follow.
        next: Option<String>,
        /// How many the collection has, if that was asked.
        total: Option<i64>,
    },
    /// How many entities the collection has.
    Count(i64),
    /// The entity is gone, or the action is done.
    Done,
    /// What an action tells, item by item.
    Told(Vec<String>),
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

    /// Ends all connections.
    pub async fn close(&self) {
        self.connections.close();
    }

    /// Runs a plan in the tenant of the caller who may.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`], [`Error::PreconditionFailed`], or
    /// [`Error::Unavailable`] where the database fails.
    pub async fn run(&self, permitted: &Arc<Permitted<Plan>>) -> Result<Outcome> {
        self.connections.limited(DEADLINE, Box::pin(self.carry_out(permitted))).await
    }

    async fn carry_out(&self, permitted: &Arc<Permitted<Plan>>) -> Result<Outcome> {
        let (tenant, plan) = (permitted.tenant(), permitted.what());
        match &plan.act {
            Act::Get => self.entity(tenant, sql::get(tenant, plan)).await,
            Act::List(page) => {
                let row = self.first(tenant, sql::list(tenant, plan, page)).await?;
                let entities = column::<Option<String>>(&row, 0)?.unwrap_or_default();
                Ok(Outcome::Page { entities, total: column(&row, 1)?, next: column(&row, 2)? })
            }
            Act::Count(filter) => {
                let statement = sql::count(tenant, &plan.address, filter.as_ref());
                Ok(Outcome::Count(column(&self.first(tenant, statement).await?, 0)?))
            }
            Act::Create(entities) if entities.len() == 1 => self.creates.create(permitted).await,
            Act::Create(_) | Act::Replace { .. } => {
                transaction::run(&self.connections, tenant, plan).await
            }
            Act::Update(change) => {
                let changed = self.entity(tenant, sql::update(tenant, plan, change)).await;
                self.explained(changed, permitted).await
            }
            Act::Delete => {
                let deleted = self.first(tenant, sql::delete(tenant, plan)).await;
                self.explained(deleted.map(|_| Outcome::Done), permitted).await
            }
            Act::PayloadLinks { ids, navigation } => {
                let statement = sql::payload_links(tenant, &plan.address, ids, navigation);
                let rows = self.rows(tenant, statement).await?;
                let told = rows.iter().map(|row| column(row, 0)).collect::<Result<_>>()?;
                Ok(Outcome::Told(told))
            }
        }
    }

    /// Runs a plan that has a key, once however often it comes; `reply` makes the reply, which is
    /// kept for a day.
    ///
    /// # Errors
    /// As [`Store::run`], and [`Error::IdempotencyKeyReused`]. What fails changes nothing and leaves
    /// the key free.
    pub async fn run_once(
        &self,
        permitted: &Permitted<Plan>,
        key: &IdempotencyKey,
        reply: impl FnOnce(Outcome) -> Response,
    ) -> Result<Once> {
        let written = idempotency::run(&self.connections, &self.once_turns, permitted, key, reply);
        self.connections.limited(DEADLINE, Box::pin(written)).await
    }

    /// Tells an entity with another tag from one that does not exist.
    async fn explained(
        &self,
        outcome: Result<Outcome>,
        permitted: &Permitted<Plan>,
    ) -> Result<Outcome> {
        let (tenant, plan) = (permitted.tenant(), permitted.what());
        match outcome {
            Err(Error::NotFound) if plan.if_match.is_some() => {
                self.first(tenant, sql::get(tenant, plan)).await?;
                Err(Error::PreconditionFailed)
            }
            outcome => outcome,
        }
    }

    async fn entity(&self, tenant: Uuid, statement: Statement) -> Result<Outcome> {
        let row = self.first(tenant, statement).await?;
        Ok(match (column(&row, 0)?, column(&row, 1)?) {
            (Some(entity), Some(tag)) => Outcome::Entity(entity, tag),
            _ => Outcome::Nothing,
        })
    }

    /// The first row; without one, what was addressed does not exist.
    async fn first(&self, tenant: Uuid, statement: Statement) -> Result<PgRow> {
        self.rows(tenant, statement).await?.into_iter().next().ok_or(Error::NotFound)
    }

    async fn rows(&self, tenant: Uuid, statement: Statement) -> Result<Vec<PgRow>> {
        self.connections.session(tenant).await?.rows(statement).await
    }
}

fn column<'row, Value>(row: &'row PgRow, index: usize) -> Result<Value>
where
    Value: sqlx::Decode<'row, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(index).map_err(|error| failure::of_statement(&error))
}
