//! What the database takes on its disk, and what it could give back.

use std::path::Path;

use sqlx::Error as Driver;

use super::{Examined, access};
use crate::disk::Space;
use crate::doctor::installation::Fullness;
use crate::findings::{self, Finding};

/// Fewer dead rows of a table are never worth a warning.
const FEW_ROWS: i64 = 10_000;
/// The age of the oldest transaction id, in transactions, at which the removal of old ids is late.
/// PostgreSQL begins with it at 200 million.
const OLD_IDS: i64 = 500_000_000;
/// The age at which PostgreSQL soon refuses writes; it does so at 2,100 million.
const TOO_OLD_IDS: i64 = 1_500_000_000;

/// The size of the database, and of its largest tables, with the rows that PostgreSQL estimates.
pub(super) async fn size(database: &mut Examined) -> Result<Finding, Driver> {
    let (bytes,): (i64,) = database.row("SELECT pg_database_size(current_database())").await?;
    let tables: Vec<(String, i64, i64)> = database
        .rows(
            "SELECT relname::text, pg_total_relation_size(oid), greatest(reltuples, 0)::bigint
             FROM pg_class
             WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
             ORDER BY 2 DESC, 1 LIMIT 3",
        )
        .await?;
    let table = |(name, bytes, rows): &(String, i64, i64)| {
        format!("{name} {} (about {rows} rows)", findings::size(bytes.unsigned_abs()))
    };
    let tables: Vec<String> = tables.iter().map(table).collect();
    let bytes = findings::size(bytes.unsigned_abs());
    Ok(Finding::ok(format!("{bytes}; the largest tables: {}", tables.join(", "))))
}

/// The space on the disk of the database, if it is on this machine.
pub(super) async fn disk(database: &mut Examined) -> Result<Finding, Driver> {
    if !access::is_on_this_machine(database) {
        return Ok(Finding::skip("the database is on another machine"));
    }
    let (directory,): (String,) = database.row("SELECT current_setting('data_directory')").await?;
    let Ok(Space { free, total }) = Space::of(Path::new(&directory)) else {
        return Ok(Finding::skip(format!("the space of {directory} cannot be read from here")));
    };
    let (free_size, total_size) = (findings::size(free), findings::size(total));
    Ok(match Fullness::of(free, total) {
        Fullness::Enough => {
            Finding::ok(format!("{directory}: {free_size} of {total_size} are free"))
        }
        Fullness::Little => Finding::warn(
            format!("{directory}: only {free_size} of {total_size} are free"),
            "Make space, or keep the history for fewer days.",
        ),
        Fullness::Full => Finding::fail(
            format!("{directory}: the disk is full, {free_size} of {total_size} are free"),
            "Make space: nothing can be written.",
        ),
    })
}

/// The table with the most dead rows, by PostgreSQL's estimate.
pub(super) async fn dead_rows(database: &mut Examined) -> Result<Finding, Driver> {
    let (autovacuum,): (String,) = database.row("SELECT current_setting('autovacuum')").await?;
    if autovacuum == "off" {
        return Ok(Finding::warn(
            "autovacuum is off, so tables only grow",
            "Set autovacuum = on in postgresql.conf.",
        ));
    }
    let worst: Option<(String, i64, i64, Option<f64>)> = database
        .rows(
            "SELECT relname::text, n_dead_tup, n_live_tup,
                    extract(epoch FROM now() - greatest(last_vacuum, last_autovacuum))
                        ::double precision
             FROM pg_stat_user_tables
             WHERE schemaname = current_schema()
             ORDER BY n_dead_tup DESC, relname LIMIT 1",
        )
        .await?
        .pop();
    let Some((table, dead, live, vacuumed)) = worst else {
        return Ok(Finding::skip("there are no tables"));
    };
    let vacuumed = vacuumed
        .map_or("never vacuumed".into(), |age| format!("vacuumed {} ago", findings::seconds(age)));
    Ok(match dead > FEW_ROWS + live / 3 {
        false => Finding::ok(format!("at most {dead}, in {table} with {live} rows, {vacuumed}")),
        true => Finding::warn(
            format!("{dead} in {table} with {live} rows, {vacuumed}"),
            "Look for old transactions; autovacuum may be too slow (autovacuum_vacuum_cost_limit).",
        ),
    })
}

/// The age of the oldest transaction id that is in use.
pub(super) async fn transaction_ids(database: &mut Examined) -> Result<Finding, Driver> {
    let (age,): (i64,) = database
        .row("SELECT age(datfrozenxid)::bigint FROM pg_database WHERE datname = current_database()")
        .await?;
    Ok(match age {
        age if age > TOO_OLD_IDS => Finding::fail(
            format!("the oldest is {age} transactions old: PostgreSQL will refuse writes"),
            "Run VACUUM FREEZE now, as the owner.",
        ),
        age if age > OLD_IDS => Finding::warn(
            format!("the oldest is {age} transactions old, so autovacuum is late"),
            "Look for old transactions and unused replication slots; run VACUUM FREEZE.",
        ),
        age => Finding::ok(format!("the oldest is {age} transactions old")),
    })
}
