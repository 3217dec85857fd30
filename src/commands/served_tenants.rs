//! The tenants that `serve` serves, by the settings `RUNSTATE_TENANTS` and `RUNSTATE_PART`.

use super::Failure;
use crate::auth::{ServedTenants, TenantFile};
use crate::config::{Settings, TenantList};

/// The tenants, and the file that lists them if there is one.
pub(super) async fn open(
    settings: &Settings,
) -> Result<(ServedTenants, Option<TenantFile>), Failure> {
    Ok(match (&settings.tenants, &settings.part) {
        (Some(TenantList::File(path)), part) => {
            let file = TenantFile::open(path.clone(), part.clone()).await?;
            (file.served(), Some(file))
        }
        (_, Some(_)) => {
            let text =
                "RUNSTATE_PART needs a file in RUNSTATE_TENANTS with the part of each tenant";
            return Err(text.into());
        }
        (None, None) => (ServedTenants::default(), None),
        (Some(TenantList::Ids(ids)), None) => (ServedTenants::listed(ids.iter().copied()), None),
    })
}
