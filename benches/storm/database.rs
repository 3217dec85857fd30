//! One database: fills it before a measurement, and checks its rows and counters afterwards. Knows
//! nothing of the programs that read and write it in between.

use std::cell::Cell;
use std::ops::Range;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, query, query_as, query_scalar, raw_sql};
use uuid::Uuid;

use crate::Result;
use crate::report::progress;

/// The number of the script that gets nine of ten states of `fill_states`.
pub(crate) const BUSIEST: u32 = 0;
/// The number of states for one INSERT of `fill_states`.
const CHUNK: u64 = 1_000_000;

const SCRIPTS: &str = "
    INSERT INTO script (tenant_id, id, family, created, created_offset, last_modified,
                        last_modified_offset, run_as_account, role_scope_tag_ids,
                        enforce_signature_check, run_as_32_bit)
    SELECT tenant, script, 'deviceManagementScript', 638000000000000000, 0, 638000000000000000, 0,
           'system', '{}', false, false
    FROM unnest($1::uuid[]) AS tenant, unnest($2::uuid[]) AS script";

const USERS: &str = "
    INSERT INTO user_state (tenant_id, script_id, id, success_device_count, error_device_count)
    SELECT tenant_id, id, 'user-' || number, 0, 0
    FROM script, generate_series(0, $1::int - 1) AS number
    WHERE tenant_id = ANY ($2)";

/// The error code of the first thousand failures of the busiest script.
pub(crate) const FAILURE_CODE: i32 = -2_016_281_112;

/// States like those that the server creates, in the order of their keys, one each second. One of
/// seven is `fail`.
const STATES: &str = "
    INSERT INTO device_state (tenant_id, script_id, id, managed_device_id, last_state_update,
                              last_state_update_offset, run_state, error_code, result_message,
                              error_description)
    SELECT $1, ($2::uuid[])[1 + CASE WHEN number % 10 = 0 THEN number / 10 % $3 ELSE 0 END],
           substr(time, 1, 8) || '-' || substr(time, 9) || '-7000-8000-'
               || lpad(to_hex(number), 12, '0'),
           CASE WHEN $6 > 0 THEN 'device-' || number % $6 END,
           636188257784418045 + number * 10000000, -480,
           CASE WHEN number % 7 = 0 THEN 'fail' ELSE 'success' END::run_state,
           CASE WHEN number % 7 = 0 AND number < 7000 THEN $7 ELSE 9 END,
           'Result Message value', 'Error Description value'
    FROM generate_series($4::bigint, $5 - 1) AS number,
         LATERAL (SELECT lpad(to_hex(1600000000000 + number), 12, '0') AS time) AS made";

/// Leaves `device_state` as a table with a primary key: no counters, no other index, no foreign key.
const BARE: &str = "
    DO $$
    DECLARE
        index regclass;
    BEGIN
        ALTER TABLE device_state DISABLE TRIGGER USER;
        ALTER TABLE device_state DROP CONSTRAINT device_state_managed_device;
        FOR index IN SELECT indexrelid FROM pg_index
                     WHERE indrelid = 'device_state'::regclass AND NOT indisprimary LOOP
            EXECUTE format('DROP INDEX %s', index);
        END LOOP;
    END;
    $$";

/// A database with the schema.
#[derive(Debug)]
pub(crate) struct Database {
    options: PgConnectOptions,
    /// The number of run states that the database must have.
    expected: Cell<u64>,
}

impl Database {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self { options, expected: Cell::default() }
    }

    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The connection URL, with the password.
    pub(crate) fn url(&self) -> String {
        self.options.to_url_lossy().to_string()
    }

    /// Inserts `scripts` scripts for each tenant, and `users` user states for each script.
    pub(crate) async fn fill_scripts(&self, tenants: u32, scripts: u32, users: u32) -> Result<()> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let tenants: Vec<Uuid> = (0..tenants).map(tenant).collect();
        let scripts: Vec<Uuid> = (0..scripts).map(script).collect();
        query(SCRIPTS).bind(&tenants).bind(scripts).execute(&mut connection).await?;
        let users = i32::try_from(users)?;
        query(USERS).bind(users).bind(tenants).execute(&mut connection).await?;
        Ok(())
    }

    /// Inserts states of the first tenant's scripts. If `devices` is not 0, each refers to a device.
    pub(crate) async fn fill_states(&self, states: u64, scripts: u32, devices: u64) -> Result<()> {
        let scripts: Vec<Uuid> = (0..scripts).map(script).collect();
        let mut connection = self.filling().await?;
        for first in (0..states).step_by(usize::try_from(CHUNK)?) {
            let end = states.min(first + CHUNK);
            insert_states(&mut connection, tenant(0), &scripts, first..end, devices).await?;
            progress(&format!("inserted {end} of {states} states"));
        }
        self.filled(connection).await?;
        self.expect(states);
        Ok(())
    }

    /// Inserts `states` states of each script of each tenant, and `more` states of the first tenant's
    /// busiest script.
    pub(crate) async fn fill_tenants(
        &self,
        tenants: u32,
        scripts: u32,
        states: u64,
        more: u64,
    ) -> Result<()> {
        let mut connection = self.filling().await?;
        for number in 0..tenants {
            for script in (0..scripts).map(script) {
                let range = 0..states;
                insert_states(&mut connection, tenant(number), &[script], range, 0).await?;
            }
        }
        let busiest = [script(BUSIEST)];
        insert_states(&mut connection, tenant(0), &busiest, states..states + more, 0).await?;
        self.filled(connection).await?;
        self.expect(u64::from(tenants) * u64::from(scripts) * states + more);
        Ok(())
    }

    /// A connection that inserts without triggers: it checks no foreign keys and counts nothing.
    pub(crate) async fn filling(&self) -> Result<PgConnection> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        raw_sql("SET session_replication_role = replica").execute(&mut connection).await?;
        Ok(connection)
    }

    /// Sets the counters, and leaves the database as autovacuum would.
    pub(crate) async fn filled(&self, mut connection: PgConnection) -> Result<()> {
        raw_sql("RESET session_replication_role").execute(&mut connection).await?;
        for statement in ["SELECT recount()", "VACUUM ANALYZE", "CHECKPOINT"] {
            raw_sql(statement).execute(&mut connection).await?;
        }
        Ok(())
    }

    /// Leaves `device_state` as a table with a primary key and nothing else.
    pub(crate) async fn make_bare(&self) -> Result<()> {
        self.run(BARE).await
    }

    /// Runs statements as the owner.
    pub(crate) async fn run(&self, statements: &'static str) -> Result<()> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        raw_sql(statements).execute(&mut connection).await?;
        Ok(())
    }

    /// The script and the id of so many run states, chosen at random.
    pub(crate) async fn some_states(&self, number: i64) -> Result<Vec<(Uuid, String)>> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let states = query_as("SELECT script_id, id FROM device_state ORDER BY random() LIMIT $1");
        Ok(states.bind(number).fetch_all(&mut connection).await?)
    }

    /// Adds to the number of states that the database must have.
    pub(crate) fn expect(&self, states: u64) {
        self.expected.set(self.expected.get() + states);
    }

    /// Subtracts states that expired.
    pub(crate) fn forget(&self, states: u64) {
        self.expected.set(self.expected.get() - states);
    }

    /// Fails unless every acknowledged state exists and all counters are correct.
    pub(crate) async fn check(&self) -> Result<()> {
        self.check_rows().await?;
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let wrong = query_scalar::<_, i64>("SELECT count(*) FROM miscounted");
        match wrong.fetch_one(&mut connection).await? {
            0 => Ok(()),
            wrong => Err(format!("{wrong} counters differ from the rows").into()),
        }
    }

    /// Fails unless every acknowledged state exists.
    pub(crate) async fn check_rows(&self) -> Result<()> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let rows = query_scalar::<_, i64>("SELECT count(*) FROM device_state");
        let rows = u64::try_from(rows.fetch_one(&mut connection).await?)?;
        let expected = self.expected.get();
        match rows == expected {
            true => Ok(()),
            false => Err(format!("{expected} states were acknowledged, {rows} exist").into()),
        }
    }

    /// The table of states and its indexes, each with its size in bytes.
    pub(crate) async fn sizes(&self) -> Result<Vec<(String, i64)>> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let sizes = query_as(
            "SELECT oid::regclass::text, pg_relation_size(oid) FROM pg_class
             WHERE oid = 'device_state'::regclass
                OR oid IN (SELECT indexrelid FROM pg_index
                           WHERE indrelid = 'device_state'::regclass)
             ORDER BY relkind DESC, relname",
        );
        Ok(sizes.fetch_all(&mut connection).await?)
    }
}

/// Inserts the states with the numbers of a range.
async fn insert_states(
    connection: &mut PgConnection,
    tenant: Uuid,
    scripts: &[Uuid],
    range: Range<u64>,
    devices: u64,
) -> Result<()> {
    let states = query(STATES).bind(tenant).bind(scripts).bind(i64::try_from(scripts.len())?);
    let states = states.bind(i64::try_from(range.start)?).bind(i64::try_from(range.end)?);
    let states = states.bind(i64::try_from(devices)?).bind(FAILURE_CODE);
    states.execute(connection).await?;
    Ok(())
}

/// The id of the tenant with a number.
pub(crate) fn tenant(number: u32) -> Uuid {
    Uuid::from_u128(0x5707_0000_0000_4000_8000_0000_0000_0000 | u128::from(number))
}

/// The id of the script with a number. Every tenant has scripts with the same ids.
pub(crate) fn script(number: u32) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}
