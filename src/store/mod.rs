//! The database: the pool, the migrations, and the one place that runs a plan. A plan is one
//! statement, or one transaction of a few; what it answers has been committed.

mod creates;
mod failure;
mod once;
mod transaction;

use std::sync::Arc;
use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "the texts come from `sql`, with values as binds")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgExecutor, PgPool, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row};
use tokio::sync::Semaphore;

use creates::Creates;

use crate::auth::Permitted;
use crate::error::{Error, Result};
use crate::message::Response;
use crate::plan::{Act, IdempotencyKey, Page, Plan};
use crate::sql::{self, Cells, Statement};

pub use failure::StartError;
pub use once::Once;

/// Connections at most; statements are short and the database has few cores.
const MAX_CONNECTIONS: u32 = 16;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a statement may run, and how long it may wait for a lock, in milliseconds.
const STATEMENT_TIMEOUT_MS: &str = "10000";
const LOCK_TIMEOUT_MS: &str = "5000";

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// The database, open.
#[derive(Debug)]
pub struct Store {
    pool: PgPool,
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
        /// The entities, in order.
        entities: Vec<String>,
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
    /// Opens the database; it must be reachable and its schema up to date.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn open(options: PgConnectOptions) -> std::result::Result<Self, StartError> {
        // An acknowledged write is on disk, whatever the server's own setting.
        let options = options.application_name("runstate").options([
            ("synchronous_commit", "on"),
            ("statement_timeout", STATEMENT_TIMEOUT_MS),
            ("lock_timeout", LOCK_TIMEOUT_MS),
            ("jit", "off"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await
            .map_err(StartError::Connect)?;
        let token_key = sqlx::query_scalar("SELECT key FROM page_token_key")
            .fetch_one(&pool)
            .await
            .map_err(StartError::Connect)?;
        let once_turns = Semaphore::new(once::MAX_UNDER_WAY);
        Ok(Self { creates: Creates::new(pool.clone()), pool, once_turns, token_key })
    }

    /// Brings the schema up to date, under a lock of the database, so that servers which start
    /// together do not meet.
    ///
    /// # Errors
    /// Where a migration fails, or the schema is newer than this program.
    pub async fn migrate(options: &PgConnectOptions) -> std::result::Result<(), StartError> {
        // A connection of its own: a migration may take longer than a statement may.
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
        let pool = pool.connect_with(options.clone()).await.map_err(StartError::Connect)?;
        let migrated = MIGRATOR.run(&pool).await.map_err(StartError::Migrate);
        pool.close().await;
        migrated
    }

    /// What page tokens are signed with; all servers of a database share it.
    #[must_use]
    pub fn token_key(&self) -> &[u8] {
        &self.token_key
    }

    /// Whether the database answers.
    pub async fn is_alive(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Runs a plan in the tenant of the caller who may.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`], [`Error::PreconditionFailed`], or
    /// [`Error::Unavailable`] where the database fails.
    pub async fn run(&self, permitted: &Arc<Permitted<Plan>>) -> Result<Outcome> {
        let (tenant, plan) = (permitted.tenant(), permitted.what());
        match &plan.act {
            Act::Get => self.entity(sql::get(tenant, plan)).await,
            Act::List(page) => {
                page_of(&rows(&self.pool, sql::list(tenant, plan, page)).await?, page)
            }
            Act::Count(filter) => {
                let statement = sql::count(tenant, &plan.address, filter.as_ref());
                Ok(Outcome::Count(column(&self.first(statement).await?, 0)?))
            }
            Act::Create(entities) if entities.len() == 1 => self.creates.create(permitted).await,
            Act::Create(_) | Act::Replace { .. } => {
                transaction::run(&self.pool, tenant, plan).await
            }
            Act::Update(change) => {
                let changed = self.entity(sql::update(tenant, plan, change)).await;
                self.explained(changed, permitted).await
            }
            Act::Delete => {
                let deleted = self.first(sql::delete(tenant, plan)).await;
                self.explained(deleted.map(|_| Outcome::Done), permitted).await
            }
            Act::PayloadLinks { ids, navigation } => {
                let statement = sql::payload_links(tenant, &plan.address, ids, navigation);
                let rows = rows(&self.pool, statement).await?;
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
        once::run(&self.pool, &self.once_turns, permitted, key, reply).await
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
                self.first(sql::get(tenant, plan)).await?;
                Err(Error::PreconditionFailed)
            }
            outcome => outcome,
        }
    }

    async fn entity(&self, statement: Statement) -> Result<Outcome> {
        let row = self.first(statement).await?;
        Ok(match (column(&row, 0)?, column(&row, 1)?) {
            (Some(entity), Some(tag)) => Outcome::Entity(entity, tag),
            _ => Outcome::Nothing,
        })
    }

    /// The first row; without one, what was addressed does not exist.
    async fn first(&self, statement: Statement) -> Result<PgRow> {
        rows(&self.pool, statement).await?.into_iter().next().ok_or(Error::NotFound)
    }
}

fn page_of(rows: &[PgRow], page: &Page) -> Result<Outcome> {
    let first = rows.first().ok_or(Error::NotFound)?;
    let total = column(first, 1)?;
    let size = page.size as usize;
    let next = if rows.len() > size { column(&rows[size - 1], 2)? } else { None };
    let shown = rows.iter().take(size).filter_map(|row| column(row, 0).transpose());
    Ok(Outcome::Page { entities: shown.collect::<Result<_>>()?, next, total })
}

/// Runs a statement of `sql`'s.
async fn rows(executor: impl PgExecutor<'_>, statement: Statement) -> Result<Vec<PgRow>> {
    bound(statement).fetch_all(executor).await.map_err(failure::of_statement)
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

fn column<'row, Value>(row: &'row PgRow, index: usize) -> Result<Value>
where
    Value: sqlx::Decode<'row, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(index).map_err(failure::of_statement)
}
