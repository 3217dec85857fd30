//! Snapshots: contents that are kept under a name.

use serde::Serialize;

use super::reply::{self, List};
use super::{Call, tenants};
use crate::error::{Result, TwinReason};
use crate::message::Response;

#[derive(Serialize)]
struct Shown {
    name: String,
}

pub(super) fn list(call: &Call<'_>) -> Result<Response> {
    call.without_query()?;
    let names = call.twin.snapshots().into_iter().filter_map(|snapshot| snapshot.name);
    reply::json(200, &List { value: names.map(|name| Shown { name }).collect() })
}

/// Keeps the contents of a tenant.
pub(super) async fn create(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    let mut members = call.members()?;
    let name = tenants::segment(&mut members, "name")?;
    members.end()?;
    let name = name.ok_or(TwinReason::MemberMissing { name: "name".into() })?;
    call.twin.snapshot(&call.service.store, &tenant, &name).await?;
    reply::json(201, &Shown { name })
}

pub(super) async fn remove(call: &Call<'_>, name: &str) -> Result<Response> {
    call.without_query()?;
    call.twin.remove_snapshot(&call.service.store, name).await?;
    Ok(reply::empty())
}
