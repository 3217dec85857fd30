//! Rows of the directory's tables → values. Knows no statement.

use sqlx::postgres::PgRow;
use sqlx::{ColumnIndex, Decode, Postgres, Row, Type};

use super::{Application, User};
use crate::database::failure;
use crate::error::Result;

impl Application {
    pub(super) fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Self {
            id: read(row, "id")?,
            object_id: read(row, "object_id")?,
            name: read(row, "name")?,
            is_public: read(row, "is_public")?,
            grant_types: read(row, "grant_types")?,
            permissions: read(row, "permissions")?,
            web_redirect_uris: read(row, "web_redirect_uris")?,
            spa_redirect_uris: read(row, "spa_redirect_uris")?,
            public_redirect_uris: read(row, "public_redirect_uris")?,
            certificates: read(row, "certificates")?,
            secret_hashes: read(row, "secret_hashes")?,
        })
    }
}

impl User {
    pub(super) fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Self {
            id: read(row, "id")?,
            user_principal_name: read(row, "user_principal_name")?,
            display_name: read(row, "display_name")?,
            password_hash: read(row, "password_hash")?,
        })
    }
}

/// Reads a column.
pub(super) fn read<'row, T, Index>(row: &'row PgRow, column: Index) -> Result<T>
where
    T: Decode<'row, Postgres> + Type<Postgres>,
    Index: ColumnIndex<PgRow>,
{
    row.try_get(column).map_err(|error| failure::statement_error(&error))
}
