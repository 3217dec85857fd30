//! Whether the counters say what the rows say, and how they come to say it again. What both are is
//! in `migrations/0011_counted_states.sql`; this is for the owner of the database, not for the server.

use std::fmt;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, FromRow};
use uuid::Uuid;

use crate::database::{StartError, quiet};

/// A counter that does not say what the rows say.
#[derive(Debug, FromRow)]
pub struct Miscounted {
    tenant_id: Uuid,
    script_id: Uuid,
    user_state_id: Option<String>,
    counter: String,
    counted: i64,
    actual: i64,
}

/// The counters that do not say what the rows say, at one moment; writes go on meanwhile.
pub(super) async fn check(options: &PgConnectOptions) -> Result<Vec<Miscounted>, StartError> {
    let mut connection = connect(options).await?;
    let wrong = sqlx::query_as("SELECT * FROM miscounted ORDER BY 1, 2, 3 NULLS FIRST, 4");
    let wrong = wrong.fetch_all(&mut connection).await.map_err(StartError::Recount)?;
    connection.close().await.map_err(StartError::Connect)?;
    Ok(wrong)
}

/// Sets all counters to what the rows say; writes wait meanwhile.
pub(super) async fn recount(options: &PgConnectOptions) -> Result<(), StartError> {
    let mut connection = connect(options).await?;
    let recounted = sqlx::query("SELECT recount()").execute(&mut connection).await;
    recounted.map_err(StartError::Recount)?;
    connection.close().await.map_err(StartError::Connect)
}

/// A connection of its own: to count may take longer than a statement of the server's may.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StartError> {
    quiet(options).connect().await.map_err(StartError::Connect)
}

impl fmt::Display for Miscounted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant_id, script_id, user_state_id, counter, counted, actual } = self;
        write!(formatter, "tenant {tenant_id}, script {script_id}")?;
        if let Some(user_state) = user_state_id {
            write!(formatter, ", user state {user_state}")?;
        }
        write!(formatter, ": {counter} is {counted}, the rows say {actual}")
    }
}
