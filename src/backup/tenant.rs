//! One tenant: exports it, imports it into another database, and removes it from the one that it left.
//! The database refuses the tenant's requests meanwhile (`migrations/0018_closed_tenants.sql`). Knows no
//! command line.

use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time;
use uuid::Uuid;

use super::contents::{ExportedTenant, Manifest, TableSum};
use super::dump::{self, Target, Written};
use super::error::BackupError;
use super::file::Backup;
use super::statement::tenant::{self as rows, State, TenantTable};
use super::{Progress, statement};
use crate::clock::is_twin_id;
use crate::database::TENANT_CHECK_INTERVAL;

/// How long a command waits for writes that began before the tenant was closed. The server's own take
/// some seconds at most.
const WRITERS_TIMEOUT: Duration = Duration::from_secs(60);
const WRITERS_INTERVAL: Duration = Duration::from_millis(20);
/// How long rows stay after the tenant has left: servers that read them learn of it within
/// [`TENANT_CHECK_INTERVAL`].
const READERS_TIME: Duration = TENANT_CHECK_INTERVAL.saturating_mul(3);
/// SQLSTATEs of a name that is taken, and of a missing privilege.
const UNIQUE_VIOLATION: &str = "23505";
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// A connection of the owner for work on one tenant, which nobody else does at the same time.
struct Work {
    connection: PgConnection,
    tenant: Uuid,
    tables: Vec<TenantTable>,
    state: Option<State>,
}

/// A tenant that was imported.
#[derive(Debug)]
pub struct Imported {
    pub manifest: Manifest,
    /// Whether the same rows were there already.
    pub was_there: bool,
    /// Whether it takes writes.
    pub is_open: bool,
}

/// Writes all rows of a tenant into a file. With `closes`, the database refuses writes of the tenant
/// before, and goes on to do so, so that the file has the last one.
///
/// # Errors
/// If the tenant is not here, the database cannot be read as its owner, or the file cannot be written;
/// there is no file then. [`BackupError::NotExported`] if the tenant may be closed, and stays so.
pub async fn export(
    options: &PgConnectOptions,
    target: Target<'_>,
    tenant: Uuid,
    closes: bool,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Written, BackupError> {
    let mut work = Work::begin(options, tenant).await?;
    work.refuse_unless_here().await?;
    rows::keep_page_token_key(&mut work.connection, tenant).await?;
    let written = work.write(options, target, closes, progress).await;
    written.map_err(|error| match closes {
        true => BackupError::NotExported { tenant, cause: error.into() },
        false => error,
    })
}

/// Loads an exported tenant in one transaction, and compares what is there then with the file. A tenant
/// that its former database refuses takes writes from then on; of another one this is a copy, which is
/// read-only.
///
/// # Errors
/// If the tenant has other rows already, and if anything else fails: nothing of the tenant is here then,
/// and its requests are refused until the import is repeated.
pub async fn import(
    backup: &Backup,
    options: &PgConnectOptions,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Imported, BackupError> {
    let exported = backup.exported_tenant()?;
    let manifest = backup.check()?.manifest;
    let mut work = Work::begin(options, exported.id).await?;
    if !work.tables.iter().map(|it| &it.table).eq(&backup.header().tables) {
        return Err(BackupError::UnknownSchema);
    }
    if work.table_with_rows().await?.is_some() {
        work.refuse_unless_here().await?;
        let is_open = work.state.is_none();
        work.compare(&manifest, progress).await?;
        return Ok(Imported { manifest, was_there: true, is_open });
    }
    if work.state != Some(State::Moved) {
        work.close(State::Arriving).await?;
    }
    if let Some(table) = work.table_with_rows().await? {
        // A client was faster. As long as there are no others, the tenant was open.
        rows::set_state(&mut work.connection, exported.id, None).await?;
        return Err(BackupError::TenantHasRows { tenant: exported.id, table });
    }
    let is_open = exported.is_closed;
    work.load(backup, &manifest, (!is_open).then_some(State::ReadOnly), progress).await?;
    statement::analyze(&mut work.connection, &backup.header().tables).await?;
    work.connection.close().await?;
    Ok(Imported { manifest, was_there: false, is_open })
}

/// Lets a tenant that was closed for an export take writes again. The file must not be imported then.
///
/// # Errors
/// If the tenant is not here.
pub async fn open(options: &PgConnectOptions, tenant: Uuid) -> Result<(), BackupError> {
    let mut work = Work::begin(options, tenant).await?;
    work.refuse_unless_here().await?;
    rows::set_state(&mut work.connection, tenant, None).await?;
    Ok(work.connection.close().await?)
}

/// Removes all rows of a tenant, which the database refuses from then on. Returns how many there were.
/// What is killed is continued by the next call.
///
/// # Errors
/// If the tenant is open, unless `is_open_allowed`.
pub async fn remove(
    options: &PgConnectOptions,
    tenant: Uuid,
    is_open_allowed: bool,
) -> Result<u64, BackupError> {
    let mut work = Work::begin(options, tenant).await?;
    if work.state.is_none() {
        if work.table_with_rows().await?.is_none() {
            return Err(BackupError::TenantUnknown(tenant));
        }
        if !is_open_allowed {
            return Err(BackupError::TenantOpen(tenant));
        }
    }
    work.without_triggers().await?;
    work.close(State::Moved).await?;
    time::sleep(READERS_TIME).await;
    let mut removed = 0;
    for table in &work.tables {
        removed += rows::delete_rows(&mut work.connection, table, tenant).await?;
    }
    work.connection.close().await?;
    Ok(removed)
}

impl Work {
    async fn begin(options: &PgConnectOptions, tenant: Uuid) -> Result<Self, BackupError> {
        if is_twin_id(tenant) {
            return Err(BackupError::TenantOfTwin(tenant));
        }
        let mut connection = statement::connect(options).await?;
        if dump::migrations(&mut connection).await? != dump::own_migrations() {
            return Err(BackupError::OtherMigrations);
        }
        if !rows::lock(&mut connection, tenant).await? {
            return Err(BackupError::TenantBusy(tenant));
        }
        let tables = rows::tables(&mut connection).await?;
        let state = rows::state(&mut connection, tenant).await?;
        Ok(Self { connection, tenant, tables, state })
    }

    /// Closes the tenant, if that is wanted, and writes its rows into a file.
    async fn write(
        mut self,
        options: &PgConnectOptions,
        target: Target<'_>,
        closes: bool,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Written, BackupError> {
        if closes {
            self.close(State::ReadOnly).await?;
        }
        let exported = ExportedTenant { id: self.tenant, is_closed: closes };
        let written = dump::write_tenant(options, target, exported, progress).await?;
        self.connection.close().await?;
        Ok(written)
    }

    /// Refuses a tenant that has no rows here, or is not served here.
    async fn refuse_unless_here(&mut self) -> Result<(), BackupError> {
        let tenant = self.tenant;
        match self.state {
            Some(state @ (State::Arriving | State::Moved)) => {
                Err(BackupError::TenantElsewhere { tenant, state: state.name() })
            }
            None | Some(State::ReadOnly) => match self.table_with_rows().await? {
                Some(_) => Ok(()),
                None => Err(BackupError::TenantUnknown(tenant)),
            },
        }
    }

    async fn table_with_rows(&mut self) -> Result<Option<String>, BackupError> {
        Ok(rows::table_with_rows(&mut self.connection, &self.tables, self.tenant).await?)
    }

    /// Closes the tenant, and waits until no write is under way that began before.
    async fn close(&mut self, state: State) -> Result<(), BackupError> {
        rows::set_state(&mut self.connection, self.tenant, Some(state)).await?;
        let began = Instant::now();
        let mut before = rows::writers(&mut self.connection).await?;
        while !before.is_empty() {
            if began.elapsed() > WRITERS_TIMEOUT {
                return Err(BackupError::WritersRemain(self.tenant));
            }
            time::sleep(WRITERS_INTERVAL).await;
            let now = rows::writers(&mut self.connection).await?;
            before.retain(|writer| now.contains(writer));
        }
        Ok(())
    }

    async fn without_triggers(&mut self) -> Result<(), BackupError> {
        let done = rows::without_triggers(&mut self.connection).await;
        done.map_err(|error| match code(&error).as_deref() {
            Some(INSUFFICIENT_PRIVILEGE) => BackupError::MayNotLoad,
            _ => error.into(),
        })
    }

    /// Loads the rows of a file, and changes the state with the same commit.
    async fn load(
        &mut self,
        backup: &Backup,
        manifest: &Manifest,
        state: Option<State>,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<(), BackupError> {
        self.without_triggers().await?;
        statement::run(&mut self.connection, "BEGIN".into()).await?;
        let loaded = backup.copy(&mut self.connection, progress).await;
        loaded.map_err(|error| match error {
            BackupError::Database(error) if code(&error).as_deref() == Some(UNIQUE_VIOLATION) => {
                BackupError::DomainTaken(self.tenant)
            }
            other => other,
        })?;
        self.compare(manifest, progress).await?;
        rows::set_state(&mut self.connection, self.tenant, state).await?;
        statement::run(&mut self.connection, "COMMIT".into()).await?;
        Ok(())
    }

    /// Compares the rows in the database with those of a file.
    async fn compare(
        &mut self,
        manifest: &Manifest,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<(), BackupError> {
        let tables = self.tables.iter().map(|it| (&it.table, it.copy_out(self.tenant)));
        let sums = dump::sums_of(&mut self.connection, tables, progress).await?;
        match sums.iter().zip(&manifest.tables).find(|(one, other)| one != other) {
            Some((TableSum { name, .. }, _)) => {
                Err(BackupError::TenantHasRows { tenant: self.tenant, table: name.clone() })
            }
            None => Ok(()),
        }
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error().and_then(DatabaseError::code)?.into_owned())
}
