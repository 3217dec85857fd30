//! Retention: versions and run states expire while clients create run states, as in the maintenance of
//! the server. Which procedure does what is in `migrations/`.

use std::time::{Duration, Instant};

use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, query, query_scalar, raw_sql};
use tokio::time::sleep;
use uuid::Uuid;

use crate::Result;
use crate::database::{script, tenant};
use crate::load::Sample;
use crate::report::{Table, Target, Value};
use crate::request::{Kind, states};
use crate::server::Server;
use crate::setup::Setup;

const SCRIPTS: u32 = 1_000;
const VERSIONS: i32 = 500_000;
const STATES: u64 = 500_000;
/// The time from one batch of removed run states to the next.
const BATCH_INTERVAL: Duration = Duration::from_millis(100);
/// The longest wait for partitions that somebody uses.
const TIMEOUT: Duration = Duration::from_secs(60);
/// SQLSTATE of a lock that was not granted in time.
const LOCK_TIMEOUT: &str = "55P03";

/// Versions that are too old, in a partition of their own.
const FILL_VERSIONS: &str = "
    INSERT INTO device_state_history (
        tenant_id, script_id, id, last_state_update, last_state_update_offset, valid_from, valid_to,
        run_state, error_code, version, history_days, removed, result_message, error_description)
    SELECT $1, ($2::uuid[])[1 + number % cardinality($2)], 'device-' || number, 0, 0,
           now() - interval '10 days', now() - interval '9 days', 'success', 0, 1, 7, false,
           'Result Message value', 'Error Description value'
    FROM generate_series($3::int, $4) AS number";

/// A policy by which all run states are too old.
const EXPIRE_STATES: &[&str] = &[
    "SET session_replication_role = replica",
    "UPDATE device_state SET reported = reported - 100",
    "RESET session_replication_role",
    "VACUUM FULL ANALYZE device_state",
    "INSERT INTO retention (tenant_id, run_state_days) SELECT DISTINCT tenant_id, 30 FROM script",
];

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let mut table = Table::new("expiry during creates, 1,000 scripts, 64 connections");
    let database = setup.cluster.database("retention").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    database.fill_states(STATES, SCRIPTS, 0).await?;
    let server = Server::start(&database, setup.directory).await?;
    let (load, creates) = (setup.load(&server), || states(SCRIPTS, &setup.token));
    let alone = load.run(creates()).await?;
    table.add("creates alone: longest", alone.percentile(Kind::Create, 100));

    let mut connection = PgConnection::connect_with(database.options()).await?;
    fill_versions(&mut connection).await?;
    let drop = async {
        sleep(load.warm_up).await;
        drop_versions(&mut connection).await
    };
    let (during_drop, dropped) = tokio::join!(load.run(creates()), drop);
    let (during_drop, dropped) = (during_drop?, milliseconds(dropped?));
    table.compare("500,000 versions", dropped, limit(1000.0), Target::AtMost(1.0));
    longest(&mut table, &during_drop);

    fill_versions(&mut connection).await?;
    let before = written(&mut connection).await?;
    drop_versions(&mut connection).await?;
    let log = written(&mut connection).await? - before;
    table.add("500,000 versions, without creates: write-ahead log", Value::Bytes(log as f64));

    for statement in EXPIRE_STATES {
        raw_sql(*statement).execute(&mut connection).await?;
    }
    let removal = remove_states(&mut connection, load.warm_up + load.time);
    let (during_removal, removed) = tokio::join!(load.run(creates()), removal);
    let (during_removal, (removed, elapsed)) = (during_removal?, removed?);
    let rate = Value::PerSecond(removed as f64 / elapsed.as_secs_f64());
    let creates = ("creates alone", alone.rate());
    table.compare("run states removed", rate, creates, Target::AtLeast(2.0));
    longest(&mut table, &during_removal);

    database.expect(alone.created + during_drop.created + during_removal.created);
    database.forget(removed);
    database.check().await?;
    Ok(table)
}

/// Adds the longest time of a create.
fn longest(table: &mut Table, during: &Sample) {
    let latency = during.percentile(Kind::Create, 100);
    table.compare("longest create meanwhile", latency, limit(250.0), Target::AtMost(1.0));
}

fn limit(milliseconds: f64) -> (&'static str, Value) {
    ("limit", Value::Milliseconds(milliseconds))
}

fn milliseconds(time: Duration) -> Value {
    Value::Milliseconds(time.as_secs_f64() * 1000.0)
}

/// Inserts versions into their partition, which the first of them asks for.
async fn fill_versions(connection: &mut PgConnection) -> Result<()> {
    let scripts: Vec<Uuid> = (0..SCRIPTS).map(script).collect();
    for (first, last) in [(1, 1), (2, VERSIONS)] {
        let fill = query(FILL_VERSIONS).bind(tenant(0)).bind(&scripts).bind(first).bind(last);
        fill.execute(&mut *connection).await?;
        raw_sql("CALL add_history_partitions()").execute(&mut *connection).await?;
    }
    raw_sql("CHECKPOINT").execute(connection).await?;
    Ok(())
}

/// Drops the partitions that are due; returns how long it took.
async fn drop_versions(connection: &mut PgConnection) -> Result<Duration> {
    let start = Instant::now();
    while start.elapsed() < TIMEOUT {
        let dropped = query_scalar::<_, bool>("CALL drop_history_partition()");
        match dropped.fetch_one(&mut *connection).await {
            Ok(true) => {}
            Ok(false) => return Ok(start.elapsed()),
            Err(error) if is_lock_timeout(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err("somebody uses the partitions all the time".into())
}

fn is_lock_timeout(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| code == LOCK_TIMEOUT)
}

/// Removes run states for some time; returns how many, and how long it took.
async fn remove_states(connection: &mut PgConnection, time: Duration) -> Result<(u64, Duration)> {
    let (start, mut removed) = (Instant::now(), 0);
    while start.elapsed() < time {
        let batch = Instant::now();
        let remove = query_scalar::<_, Option<i64>>("CALL remove_unreported()");
        let Some(count) = remove.fetch_one(&mut *connection).await? else { break };
        removed += u64::try_from(count)?;
        sleep(BATCH_INTERVAL.saturating_sub(batch.elapsed())).await;
    }
    Ok((removed, start.elapsed()))
}

/// The end of the write-ahead log, in bytes.
async fn written(connection: &mut PgConnection) -> Result<i64> {
    let end = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";
    Ok(query_scalar(end).fetch_one(connection).await?)
}
