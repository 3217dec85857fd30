//! The tenants that `serve` serves, by the setting `RUNSTATE_TENANTS`.

use super::Failure;
use crate::auth::{ServedTenants, TenantFile};
use crate::config::{Settings, TenantList};

/// The tenants, and the file that lists them if there is one.
pub(super) async fn open(
    settings: &Settings,
) -> Result<(ServedTenants, Option<TenantFile>), Failure> {
    Ok(match &settings.tenants {
        None => (ServedTenants::default(), None),
        Some(TenantList::Ids(ids)) => (ServedTenants::listed(ids.iter().copied()), None),
        Some(TenantList::File(path)) => {
            let file = TenantFile::open(path.clone()).await?;
            (file.served(), Some(file))
        }
    })
}
