//! The twin as a whole: what it has, its limits, and how to remove everything.

use chrono::Utc;
use serde::Serialize;

use super::{Call, reply};
use crate::error::Result;
use crate::message::Response;
use crate::store::MAX_TWIN_ROWS;
use crate::twin::limits;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Overview {
    version: &'static str,
    tenants: usize,
    snapshots: usize,
    now: String,
    /// How tenants are copied: without triggers and checks of foreign keys, or with them.
    fork: &'static str,
    limits: Limits,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    tenants: usize,
    snapshots: usize,
    rows: i64,
    ttl_seconds: u64,
    rate: serde_json::Value,
}

pub(super) fn show(call: &Call<'_>) -> Result<Response> {
    call.without_query()?;
    let overview = Overview {
        version: env!("CARGO_PKG_VERSION"),
        tenants: call.twin.tenants().len(),
        snapshots: call.twin.snapshots().len(),
        now: reply::time(Utc::now()),
        fork: if call.twin.is_unchecked { "replica" } else { "checked" },
        limits: Limits {
            tenants: limits::MAX_TENANTS,
            snapshots: limits::MAX_SNAPSHOTS,
            rows: MAX_TWIN_ROWS,
            ttl_seconds: limits::MAX_TIME_TO_LIVE.as_secs(),
            rate: reply::number(limits::MAX_RATE),
        },
    };
    reply::json(200, &overview)
}

/// Removes all tenants and snapshots.
pub(super) async fn reset(call: &Call<'_>) -> Result<Response> {
    call.without_query()?;
    call.members()?.end()?;
    let store = &call.service.store;
    call.twin.remove(store, &call.twin.tenants()).await?;
    for snapshot in call.twin.snapshots() {
        if let Some(name) = snapshot.name {
            call.twin.remove_snapshot(store, &name).await?;
        }
    }
    Ok(reply::empty())
}
