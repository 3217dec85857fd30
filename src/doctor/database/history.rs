//! What maintenance does while a server runs: partitions, and the removal of what is too old.

use sqlx::Error as Driver;

use super::Examined;
use crate::findings::{Finding, seconds};

/// The fewest partitions ahead of the present that are no reason to worry. Maintenance makes two, of which
/// one becomes the present when a week begins, and is replaced some minutes later.
const FEWEST_AHEAD: i64 = 1;

/// The partitions of the history: how many are made ahead, whether the default partition is empty, and the
/// oldest one with a version.
pub(super) async fn partitions(database: &mut Examined) -> Result<Finding, Driver> {
    let (ahead, has_other, oldest): (Option<i64>, bool, Option<f64>) =
        database.row("CALL check_history_partitions()").await?;
    let (now,): (f64,) = database.row("SELECT extract(epoch FROM now())::double precision").await?;
    let oldest = oldest.map_or("none".into(), |start| seconds(now - start));
    let ahead = ahead.unwrap_or_default();
    Ok(match (has_other, ahead) {
        (true, _) => Finding::warn(
            "versions are in the default partition, because theirs was not made in time",
            "Nothing is lost: a running server moves them. See that one runs, and its log.",
        ),
        (false, ahead) if ahead < FEWEST_AHEAD => Finding::warn(
            format!("partitions made ahead: only {ahead}"),
            "Let a server run: its maintenance makes them. Look at its log.",
        ),
        _ => Finding::ok(format!(
            "made ahead: {ahead}; the default partition is empty; age of the oldest version: {oldest}"
        )),
    })
}

/// Partitions of the history that should have been dropped a day ago.
pub(super) async fn retention(database: &mut Examined) -> Result<Finding, Driver> {
    let (overdue, oldest): (i64, Option<f64>) = database
        .row(
            "SELECT count(*), extract(epoch FROM max(late))::double precision
             FROM (SELECT now() - ends - history_days * interval '1 day' AS late
                   FROM history_partition WHERE history_days <> 32767) AS partitions
             WHERE late > interval '1 day'",
        )
        .await?;
    Ok(match oldest {
        None => Finding::ok("no partition of the history is overdue"),
        Some(late) => Finding::warn(
            format!("{overdue} partitions should have been dropped, one {} ago", seconds(late)),
            "Let a server run; long reads and backups hold the drop up.",
        ),
    })
}

/// Audit events that should have been removed a day ago.
pub(super) async fn audit_events(database: &mut Examined) -> Result<Finding, Driver> {
    if !database.sees_all_tenants().await? {
        return Ok(Finding::skip("only the owner sees the events of all tenants"));
    }
    let (overdue,): (i64,) = database
        .row(
            "SELECT count(*) FROM audit_event
             WHERE activity_date_time < ticks(now() - interval '366 days')
               AND activity_date_time < ticks(present_time(tenant_id) - interval '366 days')",
        )
        .await?;
    Ok(match overdue {
        0 => Finding::ok("no audit event is older than a year"),
        _ => Finding::warn(
            format!("{overdue} are older than a year"),
            "Let a server run: its maintenance removes them. Look at its log.",
        ),
    })
}
