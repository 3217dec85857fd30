//! PostgreSQL itself: version, clock, what it does at a crash, replication.

use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::Error as Driver;

use super::Examined;
use crate::findings::{Finding, seconds, size};

/// The oldest version that has what the migrations use, as `server_version_num` says it.
const OLDEST_VERSION: i32 = 150_000;
/// The difference of the clocks, in seconds, which is worth a warning.
const SKEW: f64 = 2.0;
/// The difference, in seconds, by which sign-ins and the retention are plainly wrong.
const LARGE_SKEW: f64 = 300.0;
/// How much of its log PostgreSQL may keep for a consumer that is away, in bytes.
const RETAINED_LOG: i64 = 1 << 30;

/// The version of PostgreSQL.
pub(super) async fn version(database: &mut Examined) -> Result<Finding, Driver> {
    let (version, number): (String, i32) = database
        .row(
            "SELECT current_setting('server_version'),
                    current_setting('server_version_num')::integer",
        )
        .await?;
    Ok(match number >= OLDEST_VERSION {
        true => Finding::ok(format!("PostgreSQL {version}")),
        false => Finding::fail(
            format!("PostgreSQL {version} is too old"),
            "Upgrade to PostgreSQL 15 or newer.",
        ),
    })
}

/// The difference between the clocks of this machine and of the database.
pub(super) async fn clock(database: &mut Examined) -> Result<Finding, Driver> {
    let before = now();
    let (there,): (f64,) =
        database.row("SELECT extract(epoch FROM clock_timestamp())::double precision").await?;
    let skew = skew(before, there, now());
    let text = seconds(skew);
    Ok(match skew {
        skew if skew > LARGE_SKEW => Finding::fail(
            format!("the clocks of this machine and of the database differ by {text}"),
            "Let both synchronize their clocks (NTP).",
        ),
        skew if skew > SKEW => Finding::warn(
            format!("the clock of the database is {text} away from that of this machine"),
            "Let both synchronize their clocks (NTP).",
        ),
        _ => Finding::ok("the clocks of the database and of this machine differ by less than 2 s"),
    })
}

/// Whether a crash of the machine loses nothing.
pub(super) async fn durability(database: &mut Examined) -> Result<Finding, Driver> {
    let (fsync, pages, commit): (String, String, String) = database
        .row(
            "SELECT current_setting('fsync'), current_setting('full_page_writes'),
                    current_setting('synchronous_commit')",
        )
        .await?;
    Ok(match (fsync.as_str(), pages.as_str()) {
        ("off", _) => Finding::fail(
            "fsync is off: a crash of the machine can destroy the database",
            "Set fsync = on in postgresql.conf.",
        ),
        (_, "off") => Finding::warn(
            "full_page_writes is off: a crash of the machine can destroy pages",
            "Set full_page_writes = on, unless the file system writes pages whole.",
        ),
        _ => Finding::ok(format!(
            "fsync and full_page_writes are on; synchronous_commit is {commit}, and on for the server"
        )),
    })
}

/// Whether this is a primary, and its standbys.
pub(super) async fn replication(database: &mut Examined) -> Result<Finding, Driver> {
    let (is_standby, delay, names, standbys, visible, synchronous): (
        bool,
        Option<f64>,
        String,
        i64,
        i64,
        i64,
    ) = database
        .row(
            "SELECT pg_is_in_recovery(),
                    extract(epoch FROM now() - pg_last_xact_replay_timestamp())::double precision,
                    current_setting('synchronous_standby_names'), count(pid), count(sync_state),
                    count(*) FILTER (WHERE sync_state IN ('sync', 'quorum'))
             FROM pg_stat_replication",
        )
        .await?;
    if is_standby {
        return Ok(Finding::warn(
            format!(
                "a standby, whose last change is {} old: writes are refused",
                seconds(delay.unwrap_or_default())
            ),
            "Name the primary, or both hosts, in DATABASE_URL, unless clients only read.",
        ));
    }
    let waits = !names.is_empty() && synchronous == 0 && visible == standbys;
    Ok(match waits {
        true => Finding::fail(
            "synchronous_standby_names is set, and no such standby is connected: writes wait",
            "Start the standby, or empty synchronous_standby_names and reload.",
        ),
        false => {
            Finding::ok(format!("a primary; standbys: {standbys}, synchronous: {synchronous}"))
        }
    })
}

/// Consumers that are away, for which PostgreSQL keeps its log until the disk is full.
pub(super) async fn replication_slots(database: &mut Examined) -> Result<Finding, Driver> {
    let (slots, retained, slot): (i64, Option<i64>, Option<String>) = database
        .row(
            "SELECT count(*) OVER (), CASE WHEN NOT pg_is_in_recovery() THEN
                        pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint END, slot_name::text
             FROM (SELECT slot_name, restart_lsn FROM pg_replication_slots WHERE NOT active
                   UNION ALL SELECT NULL, NULL) AS slots
             ORDER BY 2 DESC NULLS LAST LIMIT 1",
        )
        .await?;
    let retained = retained.unwrap_or_default();
    Ok(match slot {
        Some(slot) if retained > RETAINED_LOG => Finding::warn(
            format!("{slot} is not in use, and keeps {} of log", size(retained.unsigned_abs())),
            "Start its consumer, or remove it: SELECT pg_drop_replication_slot('…')",
        ),
        _ => Finding::ok(format!("not in use: {}", slots - 1)),
    })
}

/// How far the clock of the database is away from the time between two moments here, in seconds.
fn skew(before: f64, there: f64, after: f64) -> f64 {
    (before - there).max(there - after).max(0.0)
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_is_no_skew() {
        for (before, there, after, expected) in [
            (10.0, 12.0, 15.0, 0.0),
            (10.0, 10.0, 10.0, 0.0),
            (10.0, 7.0, 11.0, 3.0),
            (10.0, 16.0, 11.0, 5.0),
        ] {
            assert_eq!(skew(before, there, after), expected);
        }
    }
}
