//! The schema: migrations, indexes, and counters against their rows.

use std::collections::BTreeMap;

use sqlx::Error as Driver;

use super::Examined;
use crate::database::schema;
use crate::findings::{Finding, size};

/// Indexes that were never used are told from this size on, in bytes.
const LARGE_INDEX: i64 = 1 << 20;

/// Whether the schema is that of this version.
pub(super) async fn schema(database: &mut Examined) -> Result<Finding, Driver> {
    let Some(applied) = migrations(database).await? else {
        return Ok(Finding::fail(
            "the database has no schema",
            "Start the server, or run `runstate migrate` as the owner.",
        ));
    };
    let own: BTreeMap<i64, Vec<u8>> = schema::known().iter().cloned().collect();
    let is_other =
        |(number, sum): &(&i64, &Vec<u8>)| applied.get(number).is_some_and(|it| it != *sum);
    let missing = own.keys().filter(|number| !applied.contains_key(number)).count();
    Ok(match own.iter().find(is_other) {
        Some((number, _)) => Finding::fail(
            format!("migration {number} is not that of this version"),
            "Use the program that migrated the database.",
        ),
        None if missing > 0 => Finding::fail(
            format!("migrations that are missing: {missing}"),
            "Run `runstate migrate` as the owner; `runstate serve` does the same.",
        ),
        None if applied.len() > own.len() => Finding::warn(
            format!("it has {} migrations, this version {}", applied.len(), own.len()),
            "The database was migrated by a newer version: upgrade this one soon.",
        ),
        None => Finding::ok(format!("it has all {} migrations of this version", own.len())),
    })
}

/// Indexes that are missing, or that cannot be used.
pub(super) async fn indexes(database: &mut Examined) -> Result<Finding, Driver> {
    let Some(applied) = migrations(database).await? else {
        return Ok(Finding::skip("the database has no schema"));
    };
    let found: BTreeMap<String, bool> = database
        .rows(
            "SELECT relname::text, indisvalid AND indisready
             FROM pg_index JOIN pg_class AS class ON class.oid = indexrelid
             WHERE relnamespace = current_schema()::regnamespace",
        )
        .await?
        .into_iter()
        .collect();
    let expected = schema::indexes(|number| applied.contains_key(&number));
    let missing: Vec<&str> =
        expected.iter().copied().filter(|name| !found.contains_key(*name)).collect();
    let broken = found.iter().filter(|(_, is_valid)| !**is_valid).map(|(name, _)| name.as_str());
    let broken: Vec<&str> = broken.collect();
    Ok(match (missing.is_empty(), broken.is_empty()) {
        (false, _) => Finding::fail(
            format!("missing: {}", missing.join(", ")),
            "Run its statement of migrations/ again, with CREATE INDEX CONCURRENTLY.",
        ),
        (_, false) => Finding::fail(
            format!("not valid: {}", broken.join(", ")),
            "Run as the owner: REINDEX INDEX CONCURRENTLY …",
        ),
        _ => Finding::ok(format!("all {} of the migrations are there and valid", expected.len())),
    })
}

/// The migrations that the database has, by number, with their checksums; `None` without a schema.
async fn migrations(database: &mut Examined) -> Result<Option<BTreeMap<i64, Vec<u8>>>, Driver> {
    let (exists,): (bool,) =
        database.row("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").await?;
    if !exists {
        return Ok(None);
    }
    let rows = database.rows("SELECT version, checksum FROM _sqlx_migrations WHERE success");
    Ok(Some(rows.await?.into_iter().collect()))
}

/// Indexes that no query has used since the statistics began, the largest ones.
pub(super) async fn unused_indexes(database: &mut Examined) -> Result<Finding, Driver> {
    let unused: Vec<(String, i64)> = database
        .rows(
            "SELECT indexrelname::text, pg_relation_size(indexrelid)
             FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
             WHERE schemaname = current_schema() AND idx_scan = 0 AND NOT indisunique
             ORDER BY 2 DESC, 1 LIMIT 5",
        )
        .await?;
    let unused = unused.iter().filter(|(_, bytes)| *bytes >= LARGE_INDEX);
    let unused: Vec<String> =
        unused.map(|(name, bytes)| format!("{name} {}", size(bytes.unsigned_abs()))).collect();
    Ok(match unused.is_empty() {
        true => Finding::ok("each index of at least 1 MB was used"),
        // A client that asks the query may come tomorrow, so this is no reason to drop one.
        false => Finding::ok(format!("never used, the largest: {}", unused.join(", "))),
    })
}

/// Counters against their rows: a sample of 20 scripts, or all.
pub(super) async fn counters(database: &mut Examined) -> Result<Finding, Driver> {
    if !database.sees_all_tenants().await? {
        return Ok(Finding::skip("only the owner sees the rows of all tenants"));
    }
    match database.counts_all {
        true => all_counters(database).await,
        false => some_counters(database).await,
    }
}

async fn all_counters(database: &mut Examined) -> Result<Finding, Driver> {
    let (wrong,): (i64,) = database.row("SELECT count(*) FROM miscounted").await?;
    Ok(match wrong {
        0 => Finding::ok("every counter matches the rows"),
        _ => Finding::fail(
            format!("{wrong} counters do not match the rows"),
            "`runstate recount` corrects them. Please report it.",
        ),
    })
}

/// Looks at scripts with few run states only, and at few of the others' rows.
async fn some_counters(database: &mut Examined) -> Result<Finding, Driver> {
    let (scripts, rows, wrong): (i64, i64, i64) = database
        .row(
            "SELECT count(*), coalesce(sum(states), 0)::bigint,
                    count(*) FILTER (WHERE (counted_device_states, counted_success_devices,
                                            counted_error_devices)
                                           <> (states, success, error))
             FROM (SELECT * FROM script_counts WHERE counted_device_states <= 10000
                   ORDER BY random() LIMIT 20) AS counts
             CROSS JOIN LATERAL (
                 SELECT count(*) AS states,
                        count(*) FILTER (WHERE run_state = 'success') AS success,
                        count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
                 FROM (SELECT run_state FROM device_state
                       WHERE tenant_id = counts.tenant_id AND script_id = counts.id
                       LIMIT 10001) AS states) AS truth",
        )
        .await?;
    Ok(match wrong {
        0 => Finding::ok(format!(
            "the counters of {scripts} scripts match their {rows} run states; --all-counters counts \
             all"
        )),
        _ => Finding::fail(
            format!("the counters of {wrong} among {scripts} scripts do not match the rows"),
            "`runstate recount --check` lists them, and `runstate recount` corrects them.",
        ),
    })
}
