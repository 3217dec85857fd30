//! Takes the tenants of the test twin along where a whole database is moved, as its owner. Their contents are
//! moved with those of all tenants.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Error as Driver};

use super::read_row;
use super::switch::make_tables;
use crate::database::{StartError, bind, connect};
use crate::sql::{self, TwinTenantRow};

/// The table of the twin's tenants, which no migration makes.
pub const TWIN_TABLE: &str = "twin_tenant";
/// Whether the database ever had a twin.
const HAS_TWIN: &str = "SELECT to_regclass('twin_tenant') IS NOT NULL";

/// The tenants and snapshots of a database that is moved.
#[derive(Debug)]
pub struct MovedTwin(Vec<TwinTenantRow>);

impl MovedTwin {
    /// Reads them from the old database; `None` if it never had a twin.
    ///
    /// # Errors
    /// [`StartError::Twin`] if the user of `options` may not.
    pub async fn read(options: &PgConnectOptions) -> Result<Option<Self>, StartError> {
        let mut connection = connect(options).await?;
        let moved = read(&mut connection).await.map_err(StartError::Twin)?;
        connection.close().await.map_err(StartError::Connect)?;
        Ok(moved)
    }

    /// Writes them into the new database, all or nothing. Returns how many there are.
    ///
    /// # Errors
    /// [`StartError::Twin`] if the user of `options` may not.
    pub async fn write(self, options: &PgConnectOptions) -> Result<usize, StartError> {
        let mut connection = connect(options).await?;
        let count = self.0.len();
        self.write_rows(&mut connection).await.map_err(StartError::Twin)?;
        connection.close().await.map_err(StartError::Connect)?;
        Ok(count)
    }

    async fn write_rows(mut self, connection: &mut PgConnection) -> Result<(), Driver> {
        let mut transaction = connection.begin().await?;
        make_tables(&mut transaction).await?;
        // Tenants refer to snapshots.
        self.0.sort_by_key(|row| row.handle.is_some());
        for row in &self.0 {
            bind(sql::add_twin_tenant(row)).execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }
}

#[expect(clippy::disallowed_methods, reason = "a constant text, run by the owner's command")]
async fn read(connection: &mut PgConnection) -> Result<Option<MovedTwin>, Driver> {
    if !sqlx::query_scalar::<_, bool>(HAS_TWIN).fetch_one(&mut *connection).await? {
        return Ok(None);
    }
    let rows = bind(sql::twin_tenants()).fetch_all(connection).await?;
    rows.iter().map(read_row).collect::<Result<_, _>>().map(|rows| Some(MovedTwin(rows)))
}
