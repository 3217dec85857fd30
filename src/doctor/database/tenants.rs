//! The tenants of a database that is a part of an installation.

use sqlx::Error as Driver;
use uuid::Uuid;

use super::Examined;
use crate::findings::Finding;

/// Whether each tenant with scripts in this database is served here, or was moved.
pub(super) async fn tenants(database: &mut Examined) -> Result<Finding, Driver> {
    let served = match &database.served {
        Ok(served) => served.clone(),
        Err(error) => {
            return Ok(Finding::fail(
                format!("the server does not start: {error}"),
                "Correct RUNSTATE_TENANTS and RUNSTATE_PART.",
            ));
        }
    };
    if served.are_all() {
        return Ok(Finding::ok("all are served"));
    }
    if !database.sees_all_tenants().await? {
        return Ok(Finding::skip("only the owner sees the rows of all tenants"));
    }
    let found: Vec<(Uuid,)> = database
        .rows(
            "SELECT DISTINCT tenant_id FROM script
             WHERE NOT EXISTS (SELECT FROM closed_tenant WHERE tenant = tenant_id)
             ORDER BY tenant_id",
        )
        .await?;
    let mut others = found.iter().filter(|(tenant,)| !served.contains(*tenant));
    Ok(match others.next() {
        None => Finding::ok("none with scripts in this database is served elsewhere"),
        Some((first,)) => Finding::warn(
            format!(
                "with scripts in this database, but not served here: {}, the first is {first}",
                others.count() + 1
            ),
            "If another part serves it, its rows are in two parts: docs/operations/scaling.md, Move a tenant.",
        ),
    })
}
