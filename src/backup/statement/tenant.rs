//! The SQL about one tenant: its tables, its state, and what must not go on while it is moved. Knows no
//! file.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Error as Driver, Row};
use uuid::Uuid;

use super::{all, columns, constant, quoted, run};
use crate::backup::contents::Table;
use crate::database::schema;

/// A table with rows of tenants, and the column that says of which.
pub(in crate::backup) struct TenantTable {
    pub(in crate::backup) table: Table,
    column: String,
}

/// Why a database does not serve a tenant, or not for writes (`migrations/0018_closed_tenants.sql`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backup) enum State {
    ReadOnly,
    Arriving,
    Moved,
}

impl State {
    pub(in crate::backup) const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Arriving => "arriving",
            Self::Moved => "moved",
        }
    }
}

impl TenantTable {
    /// Reads the rows of a tenant as text.
    pub(in crate::backup) fn copy_out(&self, tenant: Uuid) -> String {
        let Self { table, column } = self;
        let (columns, name, column) = (columns(table), quoted(&table.name), quoted(column));
        format!("COPY (SELECT {columns} FROM {name} WHERE {column} = '{tenant}') TO STDOUT")
    }
}

/// The tables that have rows of tenants, by name. Of the table of tenants itself only the key is the
/// tenant's own: which tenant is the default one is up to each database.
pub(in crate::backup) async fn tables(
    connection: &mut PgConnection,
) -> Result<Vec<TenantTable>, Driver> {
    let rows = constant(
        "SELECT name, tenant_column, CASE name WHEN 'tenant' THEN ARRAY['id'] ELSE columns END AS columns
         FROM (
             SELECT relname::text AS name, array_agg(attname::text ORDER BY attnum) AS columns,
                    coalesce(
                        max(attname::text) FILTER (WHERE attname = 'tenant_id'),
                        CASE relname WHEN 'tenant' THEN 'id' END,
                        (SELECT attname::text FROM pg_constraint JOIN pg_attribute
                             ON attrelid = conrelid AND attnum = conkey[1]
                         WHERE conrelid = class.oid AND confrelid = 'tenant'::regclass)) AS tenant_column
             FROM pg_class AS class JOIN pg_attribute ON attrelid = class.oid
             WHERE relnamespace = current_schema()::regnamespace
               AND relkind IN ('r', 'p') AND NOT relispartition
               AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
             GROUP BY class.oid, relname) AS tables
         WHERE tenant_column IS NOT NULL ORDER BY name COLLATE \"C\"",
    );
    let own = schema::tables();
    let table = |row: &PgRow| {
        let table = Table { name: row.try_get("name")?, columns: row.try_get("columns")? };
        Ok(TenantTable { table, column: row.try_get("tenant_column")? })
    };
    let tables = all(rows, connection).await?;
    let tables = tables.iter().map(table).collect::<Result<Vec<_>, Driver>>()?;
    Ok(tables.into_iter().filter(|it| own.contains(&&*it.table.name)).collect())
}

/// The first table that has a row of a tenant.
pub(in crate::backup) async fn table_with_rows(
    connection: &mut PgConnection,
    tables: &[TenantTable],
    tenant: Uuid,
) -> Result<Option<String>, Driver> {
    let found = tables.iter().map(|TenantTable { table, column }| {
        let (name, column) = (quoted(&table.name), quoted(column));
        let text = table.name.replace('\'', "''");
        format!("SELECT '{text}' WHERE EXISTS (SELECT FROM {name} WHERE {column} = '{tenant}')")
    });
    let text = found.collect::<Vec<_>>().join(" UNION ALL ");
    let rows = super::fetch(connection, text).await?;
    rows.first().map(|row| row.try_get(0)).transpose()
}

/// Deletes the rows of a tenant. Returns how many there were.
pub(in crate::backup) async fn delete_rows(
    connection: &mut PgConnection,
    table: &TenantTable,
    tenant: Uuid,
) -> Result<u64, Driver> {
    let (name, column) = (quoted(&table.table.name), quoted(&table.column));
    run(connection, format!("DELETE FROM {name} WHERE {column} = '{tenant}'")).await
}

/// Takes a lock that is released with the connection, so that one command at a time works on a tenant.
/// `false` if another one has it.
pub(in crate::backup) async fn lock(
    connection: &mut PgConnection,
    tenant: Uuid,
) -> Result<bool, Driver> {
    let lock = constant(
        "SELECT pg_try_advisory_lock(hashtextextended('tenant ' || $1::text, 0)) AS is_locked",
    );
    let rows = all(lock.bind(tenant), connection).await?;
    rows.first().ok_or(Driver::RowNotFound)?.try_get("is_locked")
}

/// The state of a tenant; `None` if it is open.
pub(in crate::backup) async fn state(
    connection: &mut PgConnection,
    tenant: Uuid,
) -> Result<Option<State>, Driver> {
    let rows =
        all(constant("SELECT state FROM closed_tenant WHERE tenant = $1").bind(tenant), connection);
    let rows = rows.await?;
    let name = rows.first().map(|row| row.try_get::<String, _>("state")).transpose()?;
    let states = [State::ReadOnly, State::Arriving, State::Moved];
    Ok(name.and_then(|name| states.into_iter().find(|state| state.name() == name)))
}

/// Closes a tenant, or opens it if there is no state. Servers obey from the commit on.
pub(in crate::backup) async fn set_state(
    connection: &mut PgConnection,
    tenant: Uuid,
    state: Option<State>,
) -> Result<(), Driver> {
    let change = match state {
        None => constant("DELETE FROM closed_tenant WHERE tenant = $1").bind(tenant),
        Some(state) => constant(
            "INSERT INTO closed_tenant (tenant, state) VALUES ($1, $2)
             ON CONFLICT (tenant) DO UPDATE SET state = excluded.state, since = excluded.since",
        )
        .bind(tenant)
        .bind(state.name()),
    };
    all(change, connection).await?;
    Ok(())
}

/// The transactions that write at this moment. Those that begin later see what is committed now: a
/// statement locks its table before it takes its snapshot.
pub(in crate::backup) async fn writers(
    connection: &mut PgConnection,
) -> Result<Vec<String>, Driver> {
    let rows = constant(
        "SELECT DISTINCT virtualtransaction FROM pg_locks JOIN pg_class ON pg_class.oid = relation
         WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
           AND pid IS DISTINCT FROM pg_backend_pid()",
    );
    all(rows, connection).await?.iter().map(|row| row.try_get("virtualtransaction")).collect()
}

/// Adds the key with which this database signs page tokens to those that go with the tenant.
pub(in crate::backup) async fn keep_page_token_key(
    connection: &mut PgConnection,
    tenant: Uuid,
) -> Result<(), Driver> {
    let keep = constant(
        "INSERT INTO former_page_token_key (tenant_id, key) SELECT $1, key FROM page_token_key
         ON CONFLICT DO NOTHING",
    );
    all(keep.bind(tenant), connection).await?;
    Ok(())
}

/// Turns triggers and foreign keys off for this connection: rows come and go as they are, with their
/// counters, and no change is recorded.
pub(in crate::backup) async fn without_triggers(
    connection: &mut PgConnection,
) -> Result<(), Driver> {
    all(constant("SET session_replication_role = replica"), connection).await?;
    Ok(())
}
