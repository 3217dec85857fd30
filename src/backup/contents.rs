//! What a backup says of itself: its first member, which is known before the rows are read, and its
//! last one. Both are JSON with a checksum on the line after it.

use aws_lc_rs::digest::{SHA256, digest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Encryption;

/// The name of the first member.
pub(super) const HEADER: &str = "runstate-backup.json";
/// The name of the encrypted key files.
pub(super) const KEYS: &str = "keys.json.enc";
/// The name of the last member. Without it a backup is not complete.
pub(super) const MANIFEST: &str = "manifest.json";
/// The product that a header names.
pub(super) const PRODUCT: &str = "runstate";
/// The version of the format; a program reads its own and earlier ones.
pub(super) const FORMAT: u32 = 1;

/// The first member: what the backup is of, and what is needed to restore it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    pub(super) product: String,
    pub(super) format: u32,
    /// The version of the program that wrote the backup.
    pub version: String,
    /// The version of PostgreSQL that the rows were read from.
    pub postgresql: String,
    /// When the snapshot was taken, in RFC 3339.
    pub taken_at: String,
    /// The tenant, if the file has the rows of no other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<ExportedTenant>,
    pub(super) migrations: Vec<AppliedMigration>,
    pub(super) tables: Vec<Table>,
    pub(super) history_partitions: Vec<HistoryPartition>,
    /// `None` if the backup has no key files.
    pub(super) keys: Option<KeyFiles>,
}

/// The tenant of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ExportedTenant {
    pub(super) id: Uuid,
    /// Whether this export made its database refuse its writes, so that the file has the last one.
    pub(super) is_closed: bool,
}

/// A migration that the database has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AppliedMigration {
    pub(super) version: i64,
    /// Of its text, in hexadecimal digits.
    pub(super) checksum: String,
}

/// A table with rows, and its columns in the order in which a row has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
}

/// A partition of the history. The times are text of PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HistoryPartition {
    pub(super) history_days: i16,
    pub(super) starts: String,
    pub(super) ends: String,
}

/// The key files of the data directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeyFiles {
    pub(super) names: Vec<String>,
    pub(super) encryption: Encryption,
    /// Of the encrypted member, in hexadecimal digits: so a damaged one is not taken for a wrong
    /// passphrase.
    pub(super) sha256: String,
}

/// The last member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub(super) tables: Vec<TableSum>,
    /// Of all bytes of the archive before this member, in hexadecimal digits.
    pub(super) sha256: String,
}

/// How many rows a table has, and their checksum, which does not depend on their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    pub name: String,
    pub rows: u64,
    pub(super) checksum: String,
}

/// Why a program cannot restore a backup.
pub(super) enum Incompatibility {
    /// It was made by a newer version.
    Newer,
    /// The migration with this number has another text.
    OtherMigration(i64),
}

impl AppliedMigration {
    pub(super) fn new(version: i64, checksum: &[u8]) -> Self {
        Self { version, checksum: hexadecimal(checksum) }
    }
}

/// What is unknown among applied migrations to a program that has `own`.
pub(super) fn incompatibility(
    applied: &[AppliedMigration],
    own: &[AppliedMigration],
) -> Option<Incompatibility> {
    let differs = applied.iter().zip(own).find(|(one, other)| one != other);
    match differs {
        Some((_, own)) => Some(Incompatibility::OtherMigration(own.version)),
        None if applied.len() > own.len() => Some(Incompatibility::Newer),
        None => None,
    }
}

impl Header {
    /// How many migrations the database had.
    pub(super) fn schema_version(&self) -> i64 {
        self.migrations.last().map_or(0, |last| last.version)
    }

    /// Whether the file has the rows of one tenant only.
    #[must_use]
    pub fn is_of_tenant(&self) -> bool {
        self.tenant.is_some()
    }

    /// The names of the key files.
    #[must_use]
    pub fn key_files(&self) -> &[String] {
        self.keys.as_ref().map_or(&[], |keys| &keys.names)
    }
}

impl Manifest {
    /// The tables with their rows.
    #[must_use]
    pub fn tables(&self) -> &[TableSum] {
        &self.tables
    }

    /// The number of rows of all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// JSON on one line, and its SHA-256 on the next.
pub(super) fn sealed(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let json = serde_json::to_string(value)?;
    Ok(format!("{json}\n{}\n", sha256(json.as_bytes())).into_bytes())
}

/// What [`sealed`] wrote, unless a byte differs.
pub(super) fn unsealed<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (json, sum) = text.strip_suffix('\n')?.split_once('\n')?;
    (sha256(json.as_bytes()) == sum).then(|| serde_json::from_str(json).ok())?
}

/// The SHA-256 in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(digest(&SHA256, bytes).as_ref())
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
