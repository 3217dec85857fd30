//! The SQL of backups. Names of tables and columns come from the catalog of the database; those of a
//! backup are compared with it first. Knows no archive.

pub(super) mod tenant;

#[expect(clippy::disallowed_types, reason = "names from the catalog, which binds cannot be")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{Error as Driver, Postgres, Row};

use super::contents::{HistoryPartition, Table};
use super::space::DatabaseSize;
use crate::database::{self, ROLE, StartError, schema};

/// How long a backup waits for the lock of a table. Only a migration holds it for long.
const LOCK_TIMEOUT: &str = "30s";

/// A constraint or an index that is removed before rows are loaded, and added again after it.
pub(super) struct Removable {
    pub(super) removal: String,
    pub(super) addition: String,
}

/// Connects as the owner, with the settings that decide how values are written as text. Row-level
/// security that hides rows is an error.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StartError> {
    let options = options.clone().application_name("runstate backup").options([
        ("row_security", "off"),
        ("bytea_output", "hex"),
        ("IntervalStyle", "postgres"),
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
        ("lock_timeout", LOCK_TIMEOUT),
        ("synchronous_commit", "on"),
    ]);
    database::connect(&options).await
}

/// The tables of the schema, by name: those that a backup has, and those that no migration made.
///
/// The migrations are in the header of a backup. The walk of `expiry_walk` over the blocks of the old
/// tables says nothing about the new ones, so it begins again.
pub(super) async fn tables(
    connection: &mut PgConnection,
) -> Result<(Vec<Table>, Vec<Table>), Driver> {
    let rows = constant(
        "SELECT relname::text AS name, array_agg(attname::text ORDER BY attnum) AS columns
         FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
         WHERE relnamespace = current_schema()::regnamespace
           AND relkind IN ('r', 'p') AND NOT relispartition
           AND relname NOT IN ('expiry_walk', '_sqlx_migrations')
           AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
         GROUP BY relname ORDER BY relname COLLATE \"C\"",
    );
    let rows = all(rows, connection).await?;
    let table =
        |row: &PgRow| Ok(Table { name: row.try_get("name")?, columns: row.try_get("columns")? });
    let tables = rows.iter().map(table).collect::<Result<Vec<_>, Driver>>()?;
    let own = schema::tables();
    Ok(tables.into_iter().partition(|table| own.contains(&&*table.name)))
}

/// Databases, roles, schemas and tables of the server that no backup of this database has, but for the table
/// `known`.
pub(super) async fn outside(
    connection: &mut PgConnection,
    known: &str,
) -> Result<Vec<String>, Driver> {
    let rows = constant(
        "SELECT format('the database %s', datname) AS found FROM pg_database
         WHERE NOT datistemplate AND datname NOT IN ('postgres', current_database())
         UNION ALL
         SELECT format('the role %s', rolname) FROM pg_roles
         WHERE rolname NOT IN (current_user, $1) AND NOT starts_with(rolname, 'pg_')
         UNION ALL
         SELECT format('the schema %s', nspname) FROM pg_namespace
         WHERE nspname NOT IN (current_schema(), 'information_schema')
           AND NOT starts_with(nspname, 'pg_')
         ORDER BY found",
    );
    let rows = all(rows.bind(ROLE), connection).await?;
    let mut found =
        rows.iter().map(|row| row.try_get("found")).collect::<Result<Vec<String>, Driver>>()?;
    let (_, others) = tables(connection).await?;
    let others = others.into_iter().filter(|table| table.name != known);
    found.extend(others.map(|table| format!("the table {}", table.name)));
    Ok(found)
}

/// Locks the tables and their partitions, so that nobody truncates, drops or alters one of them. Reads
/// and writes go on.
pub(super) async fn lock(connection: &mut PgConnection, tables: &[Table]) -> Result<(), Driver> {
    let names = names(tables);
    run(connection, format!("LOCK TABLE {names} IN ACCESS SHARE MODE")).await?;
    Ok(())
}

/// The version of PostgreSQL, and the time of the transaction.
pub(super) async fn describe(connection: &mut PgConnection) -> Result<(String, String), Driver> {
    let rows = constant(
        "SELECT current_setting('server_version') AS version,
                to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS time",
    );
    let rows = all(rows, connection).await?;
    let row = rows.first().ok_or(Driver::RowNotFound)?;
    Ok((row.try_get("version")?, row.try_get("time")?))
}

/// The size of the database, and of its tables with their partitions.
pub(super) async fn size(connection: &mut PgConnection) -> Result<DatabaseSize, Driver> {
    let rows = constant(
        "SELECT pg_database_size(current_database()) AS all_bytes,
                coalesce(sum(pg_table_size(oid)), 0)::bigint AS table_bytes
         FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'",
    );
    let rows = all(rows, connection).await?;
    let row = rows.first().ok_or(Driver::RowNotFound)?;
    let bytes = |name| row.try_get::<i64, _>(name).map(i64::unsigned_abs);
    Ok(DatabaseSize { all: bytes("all_bytes")?, tables: bytes("table_bytes")? })
}

/// The partitions of the history.
pub(super) async fn history_partitions(
    connection: &mut PgConnection,
) -> Result<Vec<HistoryPartition>, Driver> {
    let rows = constant(
        "SELECT history_days, starts::text, ends::text FROM history_partition
         ORDER BY history_days, starts",
    );
    let partition = |row: &PgRow| {
        Ok(HistoryPartition {
            history_days: row.try_get("history_days")?,
            starts: row.try_get("starts")?,
            ends: row.try_get("ends")?,
        })
    };
    all(rows, connection).await?.iter().map(partition).collect()
}

/// Makes a partition of the history, unless there is one.
pub(super) async fn add_history_partition(
    connection: &mut PgConnection,
    partition: &HistoryPartition,
) -> Result<(), Driver> {
    let add = constant("SELECT add_history_partition($1, $2::timestamptz, $3::timestamptz)");
    let add = add.bind(partition.history_days).bind(partition.starts.clone());
    all(add.bind(partition.ends.clone()), connection).await?;
    Ok(())
}

/// A table, view, sequence or function of the schema, if there is one that is not of an extension.
pub(super) async fn any_object(connection: &mut PgConnection) -> Result<Option<String>, Driver> {
    let rows = constant(
        "SELECT format('the %s %s', kind, name) AS found
         FROM (SELECT 'pg_class'::regclass AS class, oid, 'relation' AS kind,
                      oid::regclass::text AS name, relnamespace AS schema FROM pg_class
               UNION ALL
               SELECT 'pg_proc'::regclass, oid, 'function', oid::regprocedure::text, pronamespace
               FROM pg_proc) AS objects
         WHERE schema = current_schema()::regnamespace
           AND NOT EXISTS (SELECT FROM pg_depend
                           WHERE classid = class AND objid = oid AND deptype = 'e')
         ORDER BY kind DESC, name LIMIT 1",
    );
    let rows = all(rows, connection).await?;
    rows.first().map(|row| row.try_get("found")).transpose()
}

/// The foreign keys and the indexes that no constraint needs, in the order of their removal. The rows
/// are loaded faster without them, and in any order.
pub(super) async fn removable(connection: &mut PgConnection) -> Result<Vec<Removable>, Driver> {
    let rows = constant(
        "SELECT removal, addition FROM (
             SELECT 1 AS place,
                    format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
                        AS removal,
                    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                           pg_get_constraintdef(oid)) AS addition
             FROM pg_constraint
             WHERE connamespace = current_schema()::regnamespace AND contype = 'f'
               AND conparentid = 0
             UNION ALL
             SELECT 2, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
             FROM pg_index JOIN pg_class AS class ON class.oid = indrelid
             WHERE relnamespace = current_schema()::regnamespace
               AND relkind = 'r' AND NOT relispartition
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
         ) AS found ORDER BY place, removal",
    );
    let removable = |row: &PgRow| {
        Ok(Removable { removal: row.try_get("removal")?, addition: row.try_get("addition")? })
    };
    all(rows, connection).await?.iter().map(removable).collect()
}

/// Empties the tables, into which migrations put rows, and disables their triggers.
pub(super) async fn prepare(connection: &mut PgConnection, tables: &[Table]) -> Result<(), Driver> {
    run(connection, format!("TRUNCATE {}", names(tables))).await?;
    set_triggers(connection, tables, "DISABLE").await
}

/// Enables the triggers of the tables.
pub(super) async fn enable_triggers(
    connection: &mut PgConnection,
    tables: &[Table],
) -> Result<(), Driver> {
    set_triggers(connection, tables, "ENABLE").await
}

/// Computes the statistics of the planner.
pub(super) async fn analyze(connection: &mut PgConnection, tables: &[Table]) -> Result<(), Driver> {
    run(connection, format!("ANALYZE {}", names(tables))).await?;
    Ok(())
}

/// Reads a table, with its partitions, as text.
pub(super) fn copy_out(table: &Table) -> String {
    format!("COPY (SELECT {} FROM {}) TO STDOUT", columns(table), quoted(&table.name))
}

/// Writes a table as text.
pub(super) fn copy_in(table: &Table) -> String {
    format!("COPY {} ({}) FROM STDIN", quoted(&table.name), columns(table))
}

/// Runs a text that was made of names of the catalog.
#[expect(clippy::disallowed_methods, reason = "names cannot be binds")]
pub(super) async fn run(connection: &mut PgConnection, text: String) -> Result<u64, Driver> {
    Ok(sqlx::query(AssertSqlSafe(text)).execute(connection).await?.rows_affected())
}

/// Fetches the rows of a text that was made of names of the catalog.
#[expect(clippy::disallowed_methods, reason = "names cannot be binds")]
async fn fetch(connection: &mut PgConnection, text: String) -> Result<Vec<PgRow>, Driver> {
    sqlx::query(AssertSqlSafe(text)).fetch_all(connection).await
}

async fn set_triggers(
    connection: &mut PgConnection,
    tables: &[Table],
    change: &str,
) -> Result<(), Driver> {
    for table in tables {
        let text = format!("ALTER TABLE {} {change} TRIGGER USER", quoted(&table.name));
        run(connection, text).await?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "constant texts, run by the owner's command")]
fn constant(text: &'static str) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(text)
}

async fn all(
    query: Query<'static, Postgres, PgArguments>,
    connection: &mut PgConnection,
) -> Result<Vec<PgRow>, Driver> {
    query.fetch_all(connection).await
}

fn names(tables: &[Table]) -> String {
    tables.iter().map(|table| quoted(&table.name)).collect::<Vec<_>>().join(", ")
}

fn columns(table: &Table) -> String {
    table.columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
