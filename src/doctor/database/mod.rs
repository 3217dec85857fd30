//! The checks of the database. Each asks with a query of its own, beside which its finding is decided.

mod access;
mod examined;
mod history;
mod schema;
mod server;
mod sessions;
mod storage;
mod tenants;

use futures_util::future::BoxFuture;
use sqlx::Error as Driver;

use crate::database::failure::log_text;
use crate::findings::Finding;
pub(super) use examined::Examined;

/// The name of the first check.
pub(super) const CONNECTION: &str = "connection";
/// The name under which all other checks are, if there is no connection.
pub(super) const OTHERS: &str = "database";

type Check = for<'a> fn(&'a mut Examined) -> BoxFuture<'a, Result<Finding, Driver>>;

/// Each check with its name, which is that of its function.
pub(super) const CHECKS: &[(&str, Check)] = &[
    (CONNECTION, |it| Box::pin(access::connection(it))),
    ("encryption", |it| Box::pin(access::encryption(it))),
    ("rights", |it| Box::pin(access::rights(it))),
    ("row-level security", |it| Box::pin(access::row_level_security(it))),
    ("version", |it| Box::pin(server::version(it))),
    ("clock", |it| Box::pin(server::clock(it))),
    ("durability", |it| Box::pin(server::durability(it))),
    ("replication", |it| Box::pin(server::replication(it))),
    ("replication slots", |it| Box::pin(server::replication_slots(it))),
    ("connections", |it| Box::pin(sessions::connections(it))),
    ("transactions", |it| Box::pin(sessions::transactions(it))),
    ("schema", |it| Box::pin(schema::schema(it))),
    ("indexes", |it| Box::pin(schema::indexes(it))),
    ("unused indexes", |it| Box::pin(schema::unused_indexes(it))),
    ("counters", |it| Box::pin(schema::counters(it))),
    ("size", |it| Box::pin(storage::size(it))),
    ("disk", |it| Box::pin(storage::disk(it))),
    ("dead rows", |it| Box::pin(storage::dead_rows(it))),
    ("transaction ids", |it| Box::pin(storage::transaction_ids(it))),
    ("partitions", |it| Box::pin(history::partitions(it))),
    ("retention", |it| Box::pin(history::retention(it))),
    ("audit events", |it| Box::pin(history::audit_events(it))),
    ("tenants", |it| Box::pin(tenants::tenants(it))),
];

/// The database cannot be examined.
pub(super) fn unreachable(reason: &str) -> Finding {
    Finding::fail(
        format!("cannot be examined: {reason}"),
        "Look for this text in docs/operations/troubleshooting.md.",
    )
}

/// The checks that need a connection.
pub(super) fn unchecked(names: &[&str]) -> Finding {
    Finding::skip(format!("not checked without a connection: {}", names.join(", ")))
}

/// A query that failed: the user may not run it, or the database is gone.
pub(super) fn failed(error: &Driver) -> Finding {
    match error {
        Driver::Database(_) => Finding::skip(format!("the database refuses: {}", log_text(error))),
        _ => Finding::fail(
            format!("the database does not answer: {}", log_text(error)),
            "Run the command again; look at the log of the database.",
        ),
    }
}
