//! Runs the statements of a query in one transaction: all of them happen, or none.

use sqlx::postgres::PgConnection;

use super::outcome::{Outcome, outcome};
use crate::database::{Session, rows};
use crate::error::Result;
use crate::sql::{Query, Step};

/// Runs a query and commits it.
pub(super) async fn run(session: &mut Session, query: Query) -> Result<Outcome> {
    session.transaction(async |connection| carry_out(connection, query).await).await
}

/// Runs a query in a transaction, which must not be committed after an error.
pub(super) async fn carry_out(connection: &mut PgConnection, query: Query) -> Result<Outcome> {
    let outcome = step(connection, query.first).await?;
    for other in query.others {
        step(connection, other).await?;
    }
    Ok(outcome)
}

async fn step(connection: &mut PgConnection, step: Step) -> Result<Outcome> {
    outcome(&rows(connection, step.statement).await?, &step.reading)
}
