//! Runs the statements of a query in one transaction.

use sqlx::postgres::PgConnection;

use super::actor;
use super::outcome::{Outcome, read_outcome};
use crate::auth::Actor;
use crate::database::{Session, fetch};
use crate::error::Result;
use crate::sql::{Query, Step};

/// Runs a query and commits it. `actor`: that of its changes, if they are recorded.
pub(super) async fn run(
    session: &mut Session,
    query: Query,
    actor: Option<&Actor>,
) -> Result<Outcome> {
    session.transaction(async |connection| run_uncommitted(connection, query, actor).await).await
}

/// Runs a query inside a transaction. The caller must roll back after an error.
pub(super) async fn run_uncommitted(
    connection: &mut PgConnection,
    query: Query,
    actor: Option<&Actor>,
) -> Result<Outcome> {
    if let Some(actor) = actor {
        actor::set(connection, actor).await?;
    }
    let outcome = run_step(connection, query.first).await?;
    for other in query.others {
        run_step(connection, other).await?;
    }
    Ok(outcome)
}

async fn run_step(connection: &mut PgConnection, step: Step) -> Result<Outcome> {
    read_outcome(&fetch(connection, step.statement).await?, &step.reading)
}
