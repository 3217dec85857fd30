//! The database: the pool, the migrations, and the one place that runs a plan. A plan is one
//! statement and so one transaction; what it answers has been committed.

mod creates;
mod failure;

use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "the texts come from `sql`, with values as binds")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row};

use crate::auth::Permitted;
use crate::error::{Error, Result};
use crate::plan::{Act, Page, Plan};
use crate::sql::{self, Cells, NewEntity, Statement};

pub use failure::StartError;

/// Connections at most; statements are short and the database has few cores.
const MAX_CONNECTIONS: u32 = 16;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a statement may run, and how long it may wait for a lock, in milliseconds.
const STATEMENT_TIMEOUT_MS: &str = "10000";
const LOCK_TIMEOUT_MS: &str = "5000";

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// The database, open.
#[derive(Debug)]
pub struct Store {
    pool: PgPool,
}

/// What running a plan yielded. Entities are JSON, as the database assembled them.
#[derive(Debug)]
pub enum Outcome {
    /// The entity as it is, or as the write left it.
    Entity(String),
    /// A page of a collection.
    Page {
        /// The entities, in order.
        entities: Vec<String>,
        /// The key of the last one, if more follow.
        last: Option<String>,
        /// How many the collection has, if that was asked.
        total: Option<i64>,
    },
    /// How many entities the collection has.
    Count(i64),
    /// The entity is gone.
    Deleted,
}

impl Store {
    /// Opens the database; it must be reachable.
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
        Ok(Self { pool })
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
    /// [`Error::NotFound`], [`Error::Conflict`], or [`Error::Unavailable`] where the database fails.
    pub async fn run(&self, plan: &Permitted<Plan>) -> Result<Outcome> {
        let (tenant, Plan { address, shape, act }) = (plan.tenant(), plan.what());
        match act {
            Act::Get => self.entity(sql::get(tenant, address, shape)).await,
            Act::List(page) => {
                let rows = rows(&self.pool, sql::list(tenant, address, shape, page)).await?;
                page_of(&rows, page)
            }
            Act::Count => {
                let row = self.first(sql::count(tenant, address)).await?;
                Ok(Outcome::Count(column(&row, 0)?))
            }
            Act::Create(values) => {
                let new = NewEntity { tenant, address, values };
                creates::create(&self.pool, new, shape).await.map(Outcome::Entity)
            }
            Act::Update(values) => self.entity(sql::update(tenant, address, values, shape)).await,
            Act::Delete => self.first(sql::delete(tenant, address)).await.map(|_| Outcome::Deleted),
        }
    }

    async fn entity(&self, statement: Statement) -> Result<Outcome> {
        Ok(Outcome::Entity(column(&self.first(statement).await?, 0)?))
    }

    /// The first row; without one, what was addressed does not exist.
    async fn first(&self, statement: Statement) -> Result<PgRow> {
        rows(&self.pool, statement).await?.into_iter().next().ok_or(Error::NotFound)
    }
}

fn page_of(rows: &[PgRow], page: &Page) -> Result<Outcome> {
    let first = rows.first().ok_or(Error::NotFound)?;
    let total = if page.count { column(first, 2)? } else { None };
    let size = page.size as usize;
    let last = if rows.len() > size { Some(column(&rows[size - 1], 1)?) } else { None };
    let shown = rows.iter().take(size).filter_map(|row| column(row, 0).transpose());
    Ok(Outcome::Page { entities: shown.collect::<Result<_>>()?, last, total })
}

/// Runs a statement of `sql`'s.
async fn rows(pool: &PgPool, statement: Statement) -> Result<Vec<PgRow>> {
    bound(statement).fetch_all(pool).await.map_err(failure::of_statement)
}

fn bound(statement: Statement) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.text));
    statement.binds.into_iter().fold(query, |query, cells| match cells {
        Cells::Guids(cells) => query.bind(cells),
        Cells::Texts(cells) => query.bind(cells),
        Cells::Booleans(cells) => query.bind(cells),
        Cells::Integers(cells) => query.bind(cells),
        Cells::Bigints(cells) => query.bind(cells),
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
