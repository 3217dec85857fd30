//! Backups: all rows of one moment and the keys of the data directory in one file, and back again.
//! Knows no command line, no request and no entity type.
//!
//! A backup is a tar archive, so that other tools can open it:
//!
//! | member | content |
//! | --- | --- |
//! | `runstate-backup.json` | what the backup is of: versions, migrations, tables |
//! | `keys.json.enc` | the key files of the data directory, encrypted; left out if there are none |
//! | `tables/NAME/NNNNNN.copy.zst` | rows as `COPY` writes them as text, compressed by zstd |
//! | `manifest.json` | rows and checksum of each table, and the checksum of everything before it |
//!
//! The export of one tenant has the same form, with the tables and the rows of that tenant and no keys.
//!
//! Only the keys are encrypted. They are few, and whoever has them can sign any token. The rows are what
//! `pg_dump` would write: they stay readable for other tools, and a lost passphrase loses no row.

mod archive;
mod contents;
mod dump;
mod error;
mod file;
mod key_files;
mod keys;
mod partial_file;
mod rows;
mod space;
mod statement;
mod tar;
pub mod tenant;

use std::path::Path;

pub use contents::{Header, Manifest, TableSum};
pub use dump::{Target, Written, outside, write};
pub use error::BackupError;
pub use file::{Backup, CheckedBackup};
pub use space::DatabaseSize;

/// What has been done: called after each piece of rows.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub table: &'a str,
    /// The rows of the table so far.
    pub rows: u64,
    /// The bytes of the piece.
    pub bytes: u64,
}

/// The content of key files by their paths in the data directory.
pub type KeyFiles = keys::Files;

/// Reads the key files of a data directory.
///
/// # Errors
/// If one of them exists and cannot be read.
pub fn read_key_files(directory: &Path) -> Result<KeyFiles, BackupError> {
    key_files::read(directory)
}
