//! Connections to the database, and transactions that stay open.

use sqlx::Error as Driver;

use super::Examined;
use crate::database::MAX_CONNECTIONS;
use crate::findings::{Finding, seconds};

/// The connections of a server besides its pool: the probe, and the maintenance.
const OTHER_CONNECTIONS: i64 = 2;
/// How long a transaction may be open, in seconds, before it keeps dead rows from being removed.
const OLD_TRANSACTION: f64 = 3600.0;

/// Whether the connections that PostgreSQL accepts suffice for a server.
pub(super) async fn connections(database: &mut Examined) -> Result<Finding, Driver> {
    let (accepted, used, of_server): (i64, i64, i64) = database
        .row(
            "SELECT current_setting('max_connections')::bigint
                        - current_setting('superuser_reserved_connections')::bigint,
                    count(*) FILTER (WHERE backend_type = 'client backend'),
                    count(*) FILTER (WHERE application_name = 'runstate')
             FROM pg_stat_activity",
        )
        .await?;
    let wanted = MAX_CONNECTIONS as i64 + OTHER_CONNECTIONS;
    Ok(match accepted {
        accepted if accepted < wanted => Finding::fail(
            format!("PostgreSQL accepts {accepted}, and one server uses up to {wanted}"),
            "Raise max_connections.",
        ),
        accepted if used * 10 > accepted * 9 => Finding::warn(
            format!("{used} of {accepted} are in use, {of_server} of them by Runstate"),
            "Raise max_connections, or look in pg_stat_activity for who uses them.",
        ),
        _ => Finding::ok(format!(
            "in use: {used} of {accepted}, by Runstate: {of_server}; one server uses up to {wanted}"
        )),
    })
}

/// The oldest transaction that the user can see.
pub(super) async fn transactions(database: &mut Examined) -> Result<Finding, Driver> {
    let oldest: Option<(i32, String, f64)> = database
        .rows(
            "SELECT pid, application_name,
                    extract(epoch FROM now() - xact_start)::double precision
             FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND xact_start IS NOT NULL
             ORDER BY xact_start LIMIT 1",
        )
        .await?
        .pop();
    Ok(match oldest {
        Some((pid, application, age)) if age > OLD_TRANSACTION => Finding::warn(
            format!(
                "the transaction of process {pid} ({application}) has been open for {}",
                seconds(age)
            ),
            "End it: while it is open, no dead rows are removed.",
        ),
        _ => Finding::ok("none has been open for an hour"),
    })
}
