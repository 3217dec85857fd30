//! A backup in a file: opens and checks it, and restores it into an empty database. Knows no command
//! line.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use zstd::stream::read::Decoder;
use zstd::zstd_safe::get_frame_content_size;

use super::archive::{ArchiveError, Reader};
use super::contents::{
    ExportedTenant, FORMAT, Header, Incompatibility, KEYS, Manifest, PRODUCT, Table, TableSum,
    incompatibility, sha256,
};
use super::error::BackupError;
use super::keys::{self, Files};
use super::rows::{PIECE, Sum};
use super::{Progress, dump, key_files, space, statement};
use crate::database::schema;

/// The most bytes of rows in a member: a piece, and one row of the largest size that PostgreSQL has.
const MAX_ROWS_OF_MEMBER: u64 = (1 << 30) + PIECE as u64;

/// A backup of which each byte has been read.
#[derive(Debug)]
pub struct CheckedBackup {
    pub manifest: Manifest,
    /// What the rows need in a database, with their indexes, in bytes.
    pub space: u64,
}

/// A backup, of which the beginning has been read.
#[derive(Debug)]
pub struct Backup {
    path: PathBuf,
    header: Header,
}

impl Backup {
    /// Opens a backup that this version of the program can restore.
    ///
    /// # Errors
    /// If the file is none, or was made by a newer version or with another schema.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let (_, header) = open(path)?;
        let (path, version) = (path.to_owned(), header.version.clone());
        if header.product != PRODUCT {
            return Err(BackupError::Archive { path, cause: ArchiveError::Unknown });
        }
        match incompatibility(&header.migrations, &dump::own_migrations()) {
            _ if header.format > FORMAT => Err(BackupError::Newer { path, version }),
            Some(Incompatibility::Newer) => Err(BackupError::Newer { path, version }),
            Some(Incompatibility::OtherMigration(migration)) => {
                Err(BackupError::OtherSchema { path, migration, version })
            }
            None => Ok(Self { path, header }),
        }
    }

    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The key files, decrypted.
    ///
    /// # Errors
    /// If the passphrase is wrong, or the file is damaged.
    pub fn keys(&self, passphrase: &str) -> Result<Files, BackupError> {
        let Some(keys) = &self.header.keys else { return Ok(Files::new()) };
        let failed = |cause| BackupError::Archive { path: self.path.clone(), cause };
        let (mut reader, _) = open(&self.path)?;
        match reader.next().map_err(failed)? {
            Some((name, content)) if name == KEYS && sha256(&content) == keys.sha256 => {
                Ok(keys::decrypt(&keys.encryption, content, passphrase)?)
            }
            _ => Err(failed(ArchiveError::Damaged(KEYS.into()))),
        }
    }

    /// Reads the whole file.
    ///
    /// # Errors
    /// If a byte is damaged, or the end is missing.
    pub fn check(&self) -> Result<CheckedBackup, BackupError> {
        let (mut reader, _) = open(&self.path)?;
        let mut text = 0;
        while let Some((_, content)) = self.next(&mut reader)? {
            // The keys are not compressed, and are small. What is no frame is found when it is loaded.
            text += get_frame_content_size(&content).ok().flatten().unwrap_or_default();
        }
        let manifest = reader.manifest().ok_or_else(|| self.failed(ArchiveError::Incomplete))?;
        Ok(CheckedBackup { manifest, space: space::of_rows(text) })
    }

    /// The tenant, of which alone the file has rows.
    pub(super) fn exported_tenant(&self) -> Result<ExportedTenant, BackupError> {
        let whole = || BackupError::WholeBackup { path: self.path.clone() };
        self.header.tenant.ok_or_else(whole)
    }

    /// Refuses the export of a tenant.
    fn refuse_tenant(&self) -> Result<(), BackupError> {
        match self.header.tenant {
            None => Ok(()),
            Some(ExportedTenant { id, .. }) => {
                Err(BackupError::TenantExport { path: self.path.clone(), tenant: id })
            }
        }
    }

    /// Restores the database in one transaction, and writes key files into a data directory just before
    /// the commit. The schema is the backup's, which may be older than the program's.
    ///
    /// # Errors
    /// If the database is not empty, or a key file exists with another content; nothing is changed
    /// then. If anything else fails, the database stays empty.
    pub async fn restore(
        &self,
        options: &PgConnectOptions,
        keys: Option<(&Path, &Files)>,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Manifest, BackupError> {
        self.refuse_tenant()?;
        if let Some((directory, files)) = keys {
            key_files::check(directory, files)?;
        }
        let mut connection = statement::connect(options).await?;
        // No server migrates the database meanwhile.
        schema::lock(&mut connection).await?;
        let mut transaction = connection.begin().await?;
        if let Some(found) = statement::any_object(&mut transaction).await? {
            return Err(BackupError::NotEmpty(found));
        }
        schema::migrate_to(&mut transaction, self.header.schema_version()).await?;
        let manifest = self.load(&mut transaction, progress).await?;
        if let Some((directory, files)) = keys {
            key_files::write(directory, files)?;
        }
        transaction.commit().await?;
        statement::analyze(&mut connection, &self.header.tables).await?;
        connection.close().await?;
        Ok(manifest)
    }

    /// Compares the rows of a restored database with those of the backup.
    ///
    /// # Errors
    /// If a table has other rows.
    pub async fn compare(
        &self,
        options: &PgConnectOptions,
        manifest: &Manifest,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<(), BackupError> {
        let restored = dump::sums(options, &self.header.tables, progress).await?;
        match restored.into_iter().zip(&manifest.tables).find(|(one, other)| one != *other) {
            Some((other, _)) => Err(BackupError::OtherRestoredRows { table: other.name }),
            None => Ok(()),
        }
    }

    /// Loads the rows into tables that the migrations have made.
    async fn load(
        &self,
        connection: &mut PgConnection,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Manifest, BackupError> {
        let tables = &self.header.tables;
        if statement::tables(connection).await?.0 != *tables {
            return Err(BackupError::UnknownSchema);
        }
        for partition in &self.header.history_partitions {
            statement::add_history_partition(connection, partition).await?;
        }
        let removed = statement::removable(connection).await?;
        for part in &removed {
            statement::run(connection, part.removal.clone()).await?;
        }
        statement::prepare(connection, tables).await?;
        let (loaded, manifest) = self.copy(connection, progress).await?;
        let mut pairs = loaded.iter().zip(&manifest.tables);
        if let Some((other, _)) = pairs.find(|(one, other)| one != other) {
            return Err(BackupError::OtherRows { table: other.name.clone() });
        }
        statement::enable_triggers(connection, tables).await?;
        for part in removed.into_iter().rev() {
            statement::run(connection, part.addition).await?;
        }
        Ok(manifest)
    }

    /// Copies all rows. Returns what was copied, and what the manifest promises.
    pub(super) async fn copy(
        &self,
        connection: &mut PgConnection,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<(Vec<TableSum>, Manifest), BackupError> {
        let tables = &self.header.tables;
        let mut sums = vec![Sum::default(); tables.len()];
        let (mut reader, _) = open(&self.path)?;
        let mut member = self.next(&mut reader)?;
        while let Some((name, mut content)) = member {
            if name == KEYS {
                member = self.next(&mut reader)?;
                continue;
            }
            let place = place_of(&name, tables).ok_or(BackupError::UnknownMember(name))?;
            let table = &tables[place];
            let mut copy = connection.copy_in_raw(&statement::copy_in(table)).await?;
            loop {
                let piece = decompressed(table, &content)?;
                sums[place].add(&piece);
                let (rows, bytes) = (sums[place].rows, piece.len() as u64);
                progress(Progress { table: &table.name, rows, bytes });
                copy.send(piece).await?;
                member = self.next(&mut reader)?;
                match &mut member {
                    Some((name, next)) if place_of(name, tables) == Some(place) => {
                        content = std::mem::take(next);
                    }
                    _ => break,
                }
            }
            copy.finish().await?;
        }
        let manifest = reader.manifest().ok_or_else(|| self.failed(ArchiveError::Incomplete))?;
        let sums = sums.into_iter().zip(tables).map(|(sum, table)| sum.of_table(&table.name));
        Ok((sums.collect(), manifest))
    }

    fn next(
        &self,
        reader: &mut Reader<BufReader<File>>,
    ) -> Result<Option<(String, Vec<u8>)>, BackupError> {
        reader.next().map_err(|cause| self.failed(cause))
    }

    fn failed(&self, cause: ArchiveError) -> BackupError {
        BackupError::Archive { path: self.path.clone(), cause }
    }
}

fn open(path: &Path) -> Result<(Reader<BufReader<File>>, Header), BackupError> {
    let file = File::open(path);
    let file = file.map_err(|cause| BackupError::Open { path: path.to_owned(), cause })?;
    let opened = Reader::open(BufReader::new(file));
    opened.map_err(|cause| BackupError::Archive { path: path.to_owned(), cause })
}

/// The place of the table whose rows a member has.
fn place_of(name: &str, tables: &[Table]) -> Option<usize> {
    let (table, _) = name.strip_prefix("tables/")?.split_once('/')?;
    tables.iter().position(|it| it.name == table)
}

fn decompressed(table: &Table, content: &[u8]) -> Result<Vec<u8>, BackupError> {
    let mut rows = Vec::new();
    let decoded = Decoder::with_buffer(content)
        .and_then(|decoder| decoder.take(MAX_ROWS_OF_MEMBER).read_to_end(&mut rows));
    let failed = |cause| BackupError::Decompress { table: table.name.clone(), cause };
    decoded.map_err(failed)?;
    Ok(rows)
}

#[cfg(test)]
mod tests;
