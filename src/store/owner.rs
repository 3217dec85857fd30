//! What the commands of the database's owner ask of a store. None of it needs an open one.

use sqlx::postgres::PgConnectOptions;
use uuid::Uuid;

use super::{Miscounted, Store, counters, purge};
use crate::database::{StartError, schema};

impl Store {
    /// Migrates the schema. A lock in the database serializes servers that start at the same time. If
    /// the schema is up to date, any user with the privilege to read it is sufficient.
    ///
    /// # Errors
    /// If a migration fails, or the schema is newer than this program.
    pub async fn migrate(options: &PgConnectOptions) -> std::result::Result<(), StartError> {
        schema::migrate(options).await
    }

    /// Finds the counters that differ from their rows, in one snapshot. The user of `options` must be
    /// the owner of the schema or a superuser, as for [`Store::recount`].
    ///
    /// # Errors
    /// If the counters cannot be compared with their rows.
    pub async fn find_miscounted(
        options: &PgConnectOptions,
    ) -> std::result::Result<Vec<Miscounted>, StartError> {
        counters::find_miscounted(options).await
    }

    /// Recomputes all counters from their rows, and corrects the run summaries by the differences.
    /// Blocks writes until it ends.
    ///
    /// # Errors
    /// If the transaction fails; it is rolled back then.
    pub async fn recount(options: &PgConnectOptions) -> std::result::Result<(), StartError> {
        counters::recount(options).await
    }

    /// How many versions of a tenant are stored, or of what `holder` names. The user of `options` must
    /// be the owner of the schema or a superuser, as for [`Store::purge`].
    ///
    /// # Errors
    /// If the versions cannot be read.
    pub async fn count_versions(
        options: &PgConnectOptions,
        tenant: Uuid,
        holder: Option<Uuid>,
    ) -> std::result::Result<u64, StartError> {
        purge::count_versions(options, tenant, holder).await
    }

    /// Deletes the stored versions of a tenant, or of what `holder` names; returns their number. Current
    /// entities stay.
    ///
    /// # Errors
    /// If the transaction fails; it is rolled back then.
    pub async fn purge(
        options: &PgConnectOptions,
        tenant: Uuid,
        holder: Option<Uuid>,
    ) -> std::result::Result<u64, StartError> {
        purge::purge(options, tenant, holder).await
    }
}
