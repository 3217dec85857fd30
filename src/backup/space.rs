//! How much space a backup needs on its disk, and a database that is made from one. Knows no disk.

use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;

use super::error::BackupError;
use super::statement;

/// A backup needs at least this part of its tables. A ninth was measured with rows of a simulated fleet, and
/// tables may have as many dead rows as others.
const SMALLEST_PART: u64 = 20;
/// PostgreSQL keeps about so much of its log while rows are loaded (`max_wal_size`), or what they need.
const LOG: u64 = 1 << 30;
/// What a new cluster needs before it has a row.
const EMPTY_CLUSTER: u64 = 64 << 20;

/// How large a database is, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DatabaseSize {
    /// Everything.
    pub(super) all: u64,
    /// The tables without their indexes.
    pub(super) tables: u64,
}

impl DatabaseSize {
    /// The size of a database.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn of(options: &PgConnectOptions) -> Result<Self, BackupError> {
        let mut connection = statement::connect(options).await?;
        let size = statement::size(&mut connection).await?;
        connection.close().await?;
        Ok(size)
    }

    /// The least that a backup of the database needs.
    #[must_use]
    pub fn backup(self) -> u64 {
        self.tables / SMALLEST_PART
    }

    /// The most that a new cluster with the same rows needs.
    #[must_use]
    pub fn new_cluster(self) -> u64 {
        EMPTY_CLUSTER + self.all + self.all.min(LOG)
    }
}

/// What rows need at least in a cluster that exists, by their bytes as text. In tables they were measured to
/// be as large; indexes come on top.
pub(super) fn of_rows(text: u64) -> u64 {
    text + text.min(LOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_small_and_a_new_database_has_its_log() {
        const GIB: u64 = 1 << 30;
        let size = DatabaseSize { all: 10 * GIB, tables: 5 * GIB };
        assert_eq!(size.backup(), GIB / 4);
        assert_eq!(size.new_cluster(), 11 * GIB + EMPTY_CLUSTER);
        let small = DatabaseSize { all: 100, tables: 80 };
        assert_eq!((small.backup(), small.new_cluster()), (4, EMPTY_CLUSTER + 200));
        assert_eq!([0, 100, 3 * GIB].map(of_rows), [0, 200, 4 * GIB]);
    }
}
