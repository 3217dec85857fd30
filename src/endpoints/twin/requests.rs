//! The record of a tenant, assertions about it, and the tenant's throttle.

use std::time::Instant;

use super::reply::{self, List};
use super::{Call, rules};
use crate::error::{Error, Result, TwinReason};
use crate::message::{Method, Response};
use crate::twin::{Assertion, Entry, ThrottleSettings};

/// How many requests a reply lists at most, and without a `limit`.
const MAX_LISTED: usize = 1000;

/// The recorded requests, the oldest first.
pub(super) fn answer(call: &Call<'_>, id: &str) -> Result<Response> {
    let tenant = call.twin.tenant(id)?;
    let mut record = tenant.traffic().record();
    if call.request.method == Method::Delete {
        call.without_query()?;
        record.clear();
        return Ok(reply::empty());
    }
    let names = ["after", "method", "path", "status", "limit"];
    let options = call.query(names, "They are 'after', 'method', 'path', 'status' and 'limit'.")?;
    let [after, method, path, status, limit] = options;
    let after = number("after", after)?.unwrap_or_default();
    let status = number("status", status)?;
    let limit = number("limit", limit)?.map_or(MAX_LISTED, |it| usize::try_from(it).unwrap_or(0));
    if !(1..=MAX_LISTED).contains(&limit) {
        let found = limit.to_string();
        let expected = format!("a whole number from 1 to {MAX_LISTED}");
        return Err(TwinReason::Member { name: "limit".into(), found, expected }.into());
    }
    let is_listed = |entry: &&Entry| {
        let method = method.as_deref().is_none_or(|it| it == entry.call.method_name());
        let path = path.as_deref().is_none_or(|it| entry.call.has_path(it));
        let has_status = status.is_none_or(|it| entry.status().map(u64::from) == Some(it));
        entry.number > after && method && path && has_status
    };
    let listed = record.entries().filter(is_listed).take(limit).cloned().collect();
    drop(record);
    reply::json(200, &List { value: listed })
}

/// Compares the record with an assertion, until it holds or its time is over.
pub(super) async fn verify(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    let assertion = Assertion::read(call.members()?)?;
    let end = Instant::now() + assertion.within;
    let mut changes = tenant.traffic().record().changes();
    loop {
        let verdict = assertion.verdict(&tenant.traffic().record());
        let left = end.saturating_duration_since(Instant::now());
        if verdict.ok || left.is_zero() {
            return reply::json(200, &verdict);
        }
        tokio::time::timeout(left, changes.changed()).await.ok();
    }
}

/// The settings of the throttle.
pub(super) fn throttle(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    let mut throttle = tenant.traffic().throttle();
    if call.request.method == Method::Put {
        throttle.set(ThrottleSettings::read(call.members()?)?);
    }
    reply::json(200, &rules::written(throttle.settings().show())?)
}

fn number(name: &str, value: Option<String>) -> Result<Option<u64>> {
    let refused = |found: String| -> Error {
        let (name, expected) = (name.into(), "a whole number".into());
        TwinReason::Member { name, found, expected }.into()
    };
    value.map(|text| text.parse().map_err(|_| refused(format!("'{text}'")))).transpose()
}
