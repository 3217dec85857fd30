//! Switches the test twin of a database on and off, as the database's owner. The texts are in
//! `migrations/twin`. One server at a time has the twin of a database.

use std::io::ErrorKind;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Error as Driver};
use tokio::time::timeout;

use crate::database::{StartError, connect};
use crate::store::Store;

const TABLES: &str = include_str!("../../../migrations/twin/tables.sql");
const ON: &str = include_str!("../../../migrations/twin/on.sql");
const OFF: &str = include_str!("../../../migrations/twin/off.sql");
/// Takes the lock of the server that has the twin; it ends with the connection. The number is `TestTwin`
/// in ASCII.
const TAKE_LOCK: &str = "SELECT pg_try_advisory_lock(x'546573745477696e'::bigint)";
/// How long the database may take to answer a server that keeps the lock.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Whether the twin is switched on in this database.
const IS_ON: &str = "SELECT to_regprocedure('twin_fork(uuid, uuid)') IS NOT NULL";
/// Whether a copy runs without triggers.
const IS_UNCHECKED: &str = "SELECT bool_or(setting LIKE 'session_replication_role=%')
    FROM pg_proc, unnest(proconfig) AS setting WHERE oid = 'twin_fork(uuid, uuid)'::regprocedure";

/// The lock of the server that has the twin of a database.
#[derive(Debug)]
pub struct TwinLock {
    options: PgConnectOptions,
    connection: PgConnection,
    /// Whether the session of `connection` has the lock.
    is_held: bool,
    /// Whether copies run without triggers and checks of foreign keys.
    pub is_unchecked: bool,
}

impl Store {
    /// Switches the twin on. The user of `options` must be the owner of the schema.
    ///
    /// # Errors
    /// [`StartError::TwinTaken`] if another server has the twin; [`StartError::Twin`].
    #[expect(clippy::disallowed_methods, reason = "constant texts, run by the owner at the start")]
    pub async fn switch_twin_on(options: &PgConnectOptions) -> Result<TwinLock, StartError> {
        let mut connection = connect(options).await?;
        if !take_lock(&mut connection).await.map_err(StartError::Twin)? {
            return Err(StartError::TwinTaken);
        }
        let mut transaction = connection.begin().await.map_err(StartError::Twin)?;
        make_tables(&mut transaction).await.map_err(StartError::Twin)?;
        sqlx::raw_sql(ON).execute(&mut *transaction).await.map_err(StartError::Twin)?;
        transaction.commit().await.map_err(StartError::Twin)?;
        let unchecked = sqlx::query_scalar::<_, Option<bool>>(IS_UNCHECKED);
        let unchecked = unchecked.fetch_one(&mut connection).await.map_err(StartError::Twin)?;
        let is_unchecked = unchecked == Some(true);
        Ok(TwinLock { options: options.clone(), connection, is_held: true, is_unchecked })
    }

    /// Switches the twin off, if it is on and no server has it.
    ///
    /// # Errors
    /// [`StartError::Twin`] if the user of `options` may not.
    #[expect(clippy::disallowed_methods, reason = "constant texts, run by the owner at the start")]
    pub async fn switch_twin_off(options: &PgConnectOptions) -> Result<(), StartError> {
        let mut connection = connect(options).await?;
        let is_on = sqlx::query_scalar::<_, bool>(IS_ON).fetch_one(&mut connection).await;
        let may_switch = is_on.map_err(StartError::Twin)?
            && take_lock(&mut connection).await.map_err(StartError::Twin)?;
        if may_switch {
            let mut transaction = connection.begin().await.map_err(StartError::Twin)?;
            sqlx::raw_sql(OFF).execute(&mut *transaction).await.map_err(StartError::Twin)?;
            transaction.commit().await.map_err(StartError::Twin)?;
        }
        connection.close().await.map_err(StartError::Connect)
    }
}

impl TwinLock {
    /// Takes the lock again if it was lost with its connection. `false` if another session has it: that of
    /// another server, or the lost one of this server, which the database still waits for.
    ///
    /// # Errors
    /// [`StartError::Connect`] or [`StartError::Twin`] if the database does not answer in time.
    pub async fn keep(&mut self) -> Result<bool, StartError> {
        let is_alive = in_time(self.connection.ping()).await.is_ok();
        if is_alive && self.is_held {
            return Ok(true);
        }
        self.is_held = false;
        if !is_alive {
            let opened = timeout(ANSWER_WITHIN, connect(&self.options)).await;
            self.connection = opened.unwrap_or_else(|_| Err(StartError::Connect(timed_out())))?;
        }
        let taken = in_time(take_lock(&mut self.connection)).await;
        self.is_held = taken.map_err(StartError::Twin)?;
        Ok(self.is_held)
    }
}

/// Fails if the answer takes too long: a network that fell silent reports no error.
async fn in_time<T>(answer: impl Future<Output = Result<T, Driver>>) -> Result<T, Driver> {
    let answer = timeout(ANSWER_WITHIN, answer).await;
    answer.unwrap_or_else(|_| Err(timed_out()))
}

fn timed_out() -> Driver {
    Driver::Io(ErrorKind::TimedOut.into())
}

/// Makes what has the rows of the twin's tenants, where it is missing.
#[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner")]
pub(super) async fn make_tables(connection: &mut PgConnection) -> Result<(), Driver> {
    sqlx::raw_sql(TABLES).execute(connection).await.map(drop)
}

#[expect(clippy::disallowed_methods, reason = "a constant text that takes the lock")]
async fn take_lock(connection: &mut PgConnection) -> Result<bool, Driver> {
    sqlx::query_scalar::<_, bool>(TAKE_LOCK).fetch_one(connection).await
}
