//! Device codes: the client has one code (`id` is its SHA-256), the user types another one (`user_code`).

use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::grant::NewRefreshToken;
use super::row::read;
use super::statement::grant as statement;
use super::{Directory, Tenant};
use crate::error::Result;

/// A new device code.
#[derive(Debug)]
pub struct NewDeviceCode<'a> {
    pub id: &'a [u8],
    /// The tenant of the tokens.
    pub tid: Uuid,
    /// In upper case.
    pub user_code: &'a str,
    pub application: Uuid,
    pub scope: &'a str,
    /// In seconds.
    pub lifetime: i64,
}

/// A device code; the fields are those of [`NewDeviceCode`].
#[derive(Debug)]
pub struct DeviceCode {
    pub tid: Uuid,
    pub application: Uuid,
    pub scope: String,
    /// The user who approved it.
    pub user: Option<Uuid>,
    pub is_declined: bool,
    pub is_used: bool,
    pub is_expired: bool,
}

/// As all functions of the directory, these fail if the database does.
impl Directory {
    /// Adds a device code. `false` if another one has the user code.
    pub async fn add_device_code(&self, tenant: Tenant, new: &NewDeviceCode<'_>) -> Result<bool> {
        self.has_rows(tenant, statement::add_device_code(tenant.home, new)).await
    }

    pub async fn device_code(&self, tenant: Tenant, id: &[u8]) -> Result<Option<DeviceCode>> {
        let found = self.fetch(tenant, statement::device_code(tenant.home, id)).await?;
        found.first().map(DeviceCode::from_row).transpose()
    }

    /// The client id of the application that waits for a user code, if the user may still decide.
    pub async fn application_of_user_code(
        &self,
        tenant: Tenant,
        user_code: &str,
    ) -> Result<Option<Uuid>> {
        let open = statement::open_device_code(tenant.home, tenant.id, user_code);
        let found = self.fetch(tenant, open).await?;
        found.first().map(|row| read(row, "application_id")).transpose()
    }

    /// Approves a user code for a user, or declines it without one. `false` if it was decided before.
    pub async fn decide_device_code(
        &self,
        tenant: Tenant,
        user_code: &str,
        user: Option<Uuid>,
    ) -> Result<bool> {
        let decided = statement::decide_device_code(tenant.home, tenant.id, user_code, user);
        self.has_rows(tenant, decided).await
    }

    /// Uses up an approved device code, and adds the refresh token. `false` if it was used before.
    pub async fn redeem_device_code(
        &self,
        tenant: Tenant,
        id: &[u8],
        new: &NewRefreshToken<'_>,
    ) -> Result<bool> {
        self.has_rows(tenant, statement::redeem_device_code(tenant.home, id, new)).await
    }
}

impl DeviceCode {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Self {
            tid: read(row, "tid")?,
            application: read(row, "application_id")?,
            scope: read(row, "scope")?,
            user: read(row, "user_id")?,
            is_declined: read(row, "is_declined")?,
            is_used: read(row, "is_used")?,
            is_expired: read(row, "is_expired")?,
        })
    }
}
