//! Everything that can go wrong with a backup, in sentences for the operator.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use sqlx::Error as Driver;
use uuid::Uuid;

use super::archive::ArchiveError;
use super::keys::KeysError;
use crate::database::StartError;
use crate::disk::DiskTooSmall;

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Disk(#[from] DiskTooSmall),
    #[error("cannot write {}: {cause}", path.display())]
    Write { path: PathBuf, cause: io::Error },
    #[error("{}: {cause}", path.display())]
    KeyFile { path: PathBuf, cause: io::Error },
    #[error("{} cannot be opened: {cause}", path.display())]
    Open { path: PathBuf, cause: io::Error },
    #[error("{} {cause}", path.display())]
    Archive { path: PathBuf, cause: ArchiveError },
    #[error(
        "{} was made by a newer version of Runstate, {version}. Use that version or a later one.",
        path.display()
    )]
    Newer { path: PathBuf, version: String },
    #[error(
        "{} has another schema than this version of Runstate: migration {migration} differs. Use \
         the version that made it, {version}.", path.display()
    )]
    OtherSchema { path: PathBuf, migration: i64, version: String },
    #[error(
        "{} has the rows of the tenant {tenant} only. Use `runstate tenant import`.", path.display()
    )]
    TenantExport { path: PathBuf, tenant: Uuid },
    #[error(
        "{} is a backup of a whole database. Use `runstate restore`, or export the tenant with \
         `runstate tenant export`.", path.display()
    )]
    WholeBackup { path: PathBuf },
    #[error(
        "the schema of the database is not that of this version. Run `runstate migrate`, or use the \
         program that serves the database; nothing was changed."
    )]
    OtherMigrations,
    #[error(
        "the tenant {0} belongs to the test twin, whose tenants are not moved. `runstate twin` copies and \
         removes them, and GET /twin/v1/tenants/{0}/contents has their contents; nothing was changed."
    )]
    TenantOfTwin(Uuid),
    #[error("the database has nothing of the tenant {0}; nothing was changed")]
    TenantUnknown(Uuid),
    #[error(
        "the tenant {tenant} is in the database already, with other rows in {table} than the file has. \
         Nothing was changed."
    )]
    TenantHasRows { tenant: Uuid, table: String },
    #[error("the state of the tenant {tenant} in this database is '{state}'; nothing was changed")]
    TenantElsewhere { tenant: Uuid, state: &'static str },
    #[error(
        "the tenant {0} takes writes. Export it with --close first, or remove it with --without-export; \
         nothing was changed."
    )]
    TenantOpen(Uuid),
    #[error("another command works on the tenant {0}; nothing was changed")]
    TenantBusy(Uuid),
    #[error(
        "the tenant {0} is closed, but a transaction that began before goes on. End it (pg_stat_activity), \
         and repeat the command."
    )]
    WritersRemain(Uuid),
    #[error(
        "{cause}\nThe tenant may be read-only now. Repeat the export, or run `runstate tenant open {tenant}`."
    )]
    NotExported { tenant: Uuid, cause: Box<dyn Error + Send + Sync> },
    #[error("a domain of the tenant {0} belongs to another tenant of this database")]
    DomainTaken(Uuid),
    #[error(
        "the database user may not set session_replication_role. Let an administrator run (PostgreSQL 15 \
         or newer): GRANT SET ON PARAMETER session_replication_role TO the user"
    )]
    MayNotLoad,
    #[error(
        "the passphrase does not open the keys in the backup. --without-keys does without the keys."
    )]
    WrongPassphrase,
    #[error("the key files cannot be encrypted or decrypted: {0}")]
    Keys(String),
    #[error(
        "the database has no schema of Runstate, or one that a newer version migrated. Use the \
         program that serves it."
    )]
    UnknownSchema,
    #[error("the schema was migrated while the backup began; repeat the backup")]
    SchemaChanged,
    #[error(
        "the database is not empty: it has {0}. A backup is restored into an empty database only; \
         nothing was changed."
    )]
    NotEmpty(String),
    #[error(
        "{} exists and differs from the one in the backup. Use another data directory, or \
         --without-keys; nothing was changed.", path.display()
    )]
    OtherKey { path: PathBuf },
    #[error("the backup has a member {0} that does not belong to it")]
    UnknownMember(String),
    #[error("the rows of {table} are not those of the manifest; nothing was changed")]
    OtherRows { table: String },
    #[error("the restored table {table} has other rows than the backup")]
    OtherRestoredRows { table: String },
    #[error("the rows of {table} cannot be decompressed: {cause}")]
    Decompress { table: String, cause: io::Error },
    #[error(
        "the database refused: {0}. The user must be the database's owner, as for `runstate migrate`."
    )]
    Database(#[from] Driver),
}

impl From<KeysError> for BackupError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::WrongPassphrase => Self::WrongPassphrase,
            other => Self::Keys(other.to_string()),
        }
    }
}
