//! The SQL of the upgrade check, which only reads. Does not know what it means for an upgrade.

use std::collections::BTreeMap;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{Error as Driver, Postgres, Row};

use crate::database::{self, StartError};

/// A database as it is before an upgrade.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) user: String,
    /// The version of PostgreSQL, such as `15.14`.
    pub(super) version: String,
    pub(super) major: u32,
    pub(super) is_read_only: bool,
    /// Whether the user owns what the migrations change.
    pub(super) is_owner: bool,
    /// How long the oldest open transaction of somebody else is open, in seconds.
    pub(super) oldest_transaction: u64,
    /// In bytes.
    pub(super) size: u64,
}

/// How large a table is with its partitions, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: u64,
    pub(super) indexes: u64,
}

/// A migration that a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) number: i64,
    pub(super) description: String,
    pub(super) checksum: Vec<u8>,
    /// False if it failed half-way.
    pub(super) is_whole: bool,
}

pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StartError> {
    database::connect(&options.clone().application_name("runstate upgrade-check")).await
}

pub(super) async fn state(connection: &mut PgConnection) -> Result<State, Driver> {
    let query = constant(
        "SELECT current_user::text AS user_name,
                current_setting('server_version') AS version,
                current_setting('server_version_num')::int / 10000 AS major,
                current_setting('transaction_read_only')::boolean AS is_read_only,
                pg_database_size(current_database()) AS size,
                CASE WHEN to_regclass('_sqlx_migrations') IS NULL
                     THEN has_schema_privilege(current_schema(), 'CREATE')
                     ELSE (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class
                           WHERE oid = to_regclass('_sqlx_migrations')) END AS is_owner,
                (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::bigint
                 FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND backend_type = 'client backend') AS oldest_transaction",
    );
    let row = query.fetch_one(connection).await?;
    Ok(State {
        user: row.try_get("user_name")?,
        version: row.try_get("version")?,
        major: unsigned(row.try_get::<i32, _>("major")?.into()).try_into().unwrap_or(u32::MAX),
        is_read_only: row.try_get("is_read_only")?,
        is_owner: row.try_get("is_owner")?,
        oldest_transaction: unsigned(row.try_get("oldest_transaction")?),
        size: unsigned(row.try_get("size")?),
    })
}

/// The migrations of a database. `None` if it has never been migrated.
pub(super) async fn applied(connection: &mut PgConnection) -> Result<Option<Vec<Applied>>, Driver> {
    let table = constant("SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS is_there");
    if !table.fetch_one(&mut *connection).await?.try_get::<bool, _>("is_there")? {
        return Ok(None);
    }
    let rows = constant(
        "SELECT version, description, checksum, success FROM _sqlx_migrations ORDER BY version",
    );
    let applied = |row: &PgRow| {
        Ok(Applied {
            number: row.try_get("version")?,
            description: row.try_get("description")?,
            checksum: row.try_get("checksum")?,
            is_whole: row.try_get("success")?,
        })
    };
    rows.fetch_all(connection).await?.iter().map(applied).collect::<Result<_, _>>().map(Some)
}

/// The sizes of all tables.
pub(super) async fn sizes(connection: &mut PgConnection) -> Result<BTreeMap<String, Size>, Driver> {
    let rows = constant(
        "SELECT relname::text AS name, sum(pg_table_size(relid))::bigint AS rows,
                sum(pg_indexes_size(relid))::bigint AS indexes
         FROM pg_class CROSS JOIN LATERAL (
             SELECT relid FROM pg_partition_tree(pg_class.oid) WHERE isleaf
             UNION SELECT pg_class.oid WHERE relkind = 'r') AS part
         WHERE relnamespace = current_schema()::regnamespace
           AND relkind IN ('r', 'p') AND NOT relispartition
         GROUP BY relname",
    );
    let size = |row: &PgRow| {
        let [rows, indexes] = ["rows", "indexes"].map(|name| row.try_get(name).map(unsigned));
        Ok((row.try_get("name")?, Size { rows: rows?, indexes: indexes? }))
    };
    rows.fetch_all(connection).await?.iter().map(size).collect()
}

#[expect(clippy::disallowed_methods, reason = "constant texts, run by a command")]
fn constant(text: &'static str) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(text)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
