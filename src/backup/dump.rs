//! Writes a backup: all rows of one moment, read while the server works. Knows no command line.

use std::fs;
use std::io::BufWriter;
use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use zstd::bulk::Compressor;

use super::archive::Writer;
use super::contents::{
    AppliedMigration, ExportedTenant, FORMAT, Header, KEYS, KeyFiles, Manifest, PRODUCT, Table,
    TableSum, incompatibility, sha256,
};
use super::error::BackupError;
use super::keys::{self, Files};
use super::partial_file::PartialFile;
use super::rows::{Pieces, Sum};
use super::{Progress, statement};
use crate::database::schema;
use crate::disk::check_space;
use crate::files::directory_of;

/// The default of zstd.
const LEVEL: i32 = 3;

/// Where a backup is written.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub file: &'a Path,
    /// Whether the file may exist.
    pub replaces: bool,
}

/// A backup that was written.
#[derive(Debug)]
pub struct Written {
    pub header: Header,
    pub manifest: Manifest,
    /// The size of the file.
    pub bytes: u64,
}

/// Writes a backup of the database, and of key files with the passphrase that encrypts them. The file
/// gets its name when it is complete.
///
/// # Errors
/// If the database cannot be read as its owner, or the file cannot be written; there is no file then.
pub async fn write(
    options: &PgConnectOptions,
    target: Target<'_>,
    keys: Option<(&Files, &str)>,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Written, BackupError> {
    let encrypted = keys.map(|(files, passphrase)| encrypt(files, passphrase)).transpose()?;
    write_rows(options, target, None, encrypted, progress).await
}

/// Writes the rows of one tenant, without key files.
pub(super) async fn write_tenant(
    options: &PgConnectOptions,
    target: Target<'_>,
    tenant: ExportedTenant,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Written, BackupError> {
    write_rows(options, target, Some(tenant), None, progress).await
}

async fn write_rows(
    options: &PgConnectOptions,
    target: Target<'_>,
    tenant: Option<ExportedTenant>,
    encrypted: Option<(KeyFiles, Vec<u8>)>,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Written, BackupError> {
    let failed = |cause| BackupError::Write { path: target.file.to_owned(), cause };
    let (keys, encrypted) = encrypted.unzip();
    let file = PartialFile::create(target.file, target.replaces).map_err(failed)?;
    let mut connection = statement::connect(options).await?;
    if tenant.is_none() {
        let needed = statement::size(&mut connection).await?.backup();
        check_space("the backup", &[(directory_of(target.file), needed)])?;
    }
    let (header, copies) = begin(&mut connection, tenant, keys).await?;
    let mut writer = Writer::new(BufWriter::new(file));
    writer.header(&header).map_err(failed)?;
    if let Some(encrypted) = encrypted {
        writer.member(KEYS, &encrypted).map_err(failed)?;
    }
    let mut tables = Vec::new();
    for (table, copy) in header.tables.iter().zip(&copies) {
        let mut sum = Sum::default();
        let mut number = 0;
        let mut compressor = Compressor::new(LEVEL).map_err(failed)?;
        let mut keep = |piece: &[u8]| {
            let name = format!("tables/{}/{number:06}.copy.zst", table.name);
            number += 1;
            writer.member(&name, &compressor.compress(piece)?)
        };
        let mut keep = |piece: &[u8]| keep(piece).map_err(failed);
        read(&mut connection, (table, copy), &mut sum, progress, &mut keep).await?;
        tables.push(sum.of_table(&table.name));
    }
    connection.close().await?;
    let (out, manifest) = writer.finish(tables).map_err(failed)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.finish().map_err(failed)?;
    let bytes = fs::metadata(target.file).map_err(failed)?.len();
    Ok(Written { header, manifest, bytes })
}

/// What the server of a database has that no backup of the database has, such as `the role reader`. The
/// table `known` is left out.
///
/// # Errors
/// If the database cannot be read.
pub async fn outside(options: &PgConnectOptions, known: &str) -> Result<Vec<String>, BackupError> {
    let mut connection = statement::connect(options).await?;
    let found = statement::outside(&mut connection, known).await?;
    connection.close().await?;
    Ok(found)
}

/// The rows and the checksums of tables as they are in a database.
pub(super) async fn sums(
    options: &PgConnectOptions,
    tables: &[Table],
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Vec<TableSum>, BackupError> {
    let mut connection = statement::connect(options).await?;
    let tables = tables.iter().map(|table| (table, statement::copy_out(table)));
    let sums = sums_of(&mut connection, tables, progress).await?;
    connection.close().await?;
    Ok(sums)
}

/// The rows and the checksums of tables, each with the statement that reads its rows.
pub(super) async fn sums_of<'a>(
    connection: &mut PgConnection,
    tables: impl Iterator<Item = (&'a Table, String)> + Send,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Vec<TableSum>, BackupError> {
    let mut sums = Vec::new();
    for (table, copy) in tables {
        let mut sum = Sum::default();
        read(connection, (table, &copy), &mut sum, progress, &mut |_| Ok(())).await?;
        sums.push(sum.of_table(&table.name));
    }
    Ok(sums)
}

fn encrypt(files: &Files, passphrase: &str) -> Result<(KeyFiles, Vec<u8>), BackupError> {
    let (encryption, content) = keys::encrypt(files, passphrase)?;
    let names = files.keys().cloned().collect();
    Ok((KeyFiles { names, encryption, sha256: sha256(&content) }, content))
}

/// Begins the transaction whose snapshot is the moment of the backup, and describes what it has, with
/// the statement that reads each table.
///
/// The tables are locked before the snapshot is taken: a partition that was truncated in between would
/// be empty in a snapshot that still has its rows.
async fn begin(
    connection: &mut PgConnection,
    tenant: Option<ExportedTenant>,
    keys: Option<KeyFiles>,
) -> Result<(Header, Vec<String>), BackupError> {
    let (locked, _) = sources(connection, tenant).await?;
    let migrations = migrations(connection).await?;
    if migrations.is_empty() || incompatibility(&migrations, &own_migrations()).is_some() {
        return Err(BackupError::UnknownSchema);
    }
    statement::run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".into()).await?;
    statement::lock(connection, &locked).await?;
    let (postgresql, taken_at) = statement::describe(connection).await?;
    let (tables, copies) = sources(connection, tenant).await?;
    if tables != locked || self::migrations(connection).await? != migrations {
        return Err(BackupError::SchemaChanged);
    }
    let history_partitions = match tenant {
        None => statement::history_partitions(connection).await?,
        Some(_) => Vec::new(),
    };
    let header = Header {
        product: PRODUCT.into(),
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        postgresql,
        taken_at,
        tenant,
        migrations,
        tables,
        history_partitions,
        keys,
    };
    Ok((header, copies))
}

/// The tables, and the statements that read their rows: all, or those of a tenant.
async fn sources(
    connection: &mut PgConnection,
    tenant: Option<ExportedTenant>,
) -> Result<(Vec<Table>, Vec<String>), BackupError> {
    if let Some(ExportedTenant { id, .. }) = tenant {
        let tables = statement::tenant::tables(connection).await?.into_iter();
        return Ok(tables.map(|it| (it.table.clone(), it.copy_out(id))).unzip());
    }
    let (tables, others) = statement::tables(connection).await?;
    for other in others {
        tracing::warn!(table = other.name, "the table is not of Runstate, and is left out");
    }
    let copies = tables.iter().map(statement::copy_out).collect();
    Ok((tables, copies))
}

/// The migrations of this program.
pub(super) fn own_migrations() -> Vec<AppliedMigration> {
    let own = schema::known().iter();
    own.map(|(version, checksum)| AppliedMigration::new(*version, checksum)).collect()
}

/// The migrations of the database.
pub(super) async fn migrations(
    connection: &mut PgConnection,
) -> Result<Vec<AppliedMigration>, BackupError> {
    let applied = schema::applied(connection).await?.unwrap_or_default().into_iter();
    Ok(applied.map(|(version, checksum)| AppliedMigration::new(version, &checksum)).collect())
}

/// Reads the rows of a table, sums them up, and passes them on in pieces.
async fn read(
    connection: &mut PgConnection,
    (table, copy): (&Table, &str),
    sum: &mut Sum,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
    keep: &mut (dyn FnMut(&[u8]) -> Result<(), BackupError> + Send),
) -> Result<(), BackupError> {
    let mut pieces = Pieces::default();
    let mut rows = connection.copy_out_raw(copy).await?;
    let mut take = |piece: &[u8], sum: &mut Sum| {
        sum.add(piece);
        progress(Progress { table: &table.name, rows: sum.rows, bytes: piece.len() as u64 });
        keep(piece)
    };
    while let Some(bytes) = rows.try_next().await? {
        if let Some(piece) = pieces.add(&bytes) {
            take(&piece, sum)?;
        }
    }
    if let Some(piece) = pieces.rest() {
        take(&piece, sum)?;
    }
    Ok(())
}
