//! A policy → the reply that shows it.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::message::{Body, Response};
use crate::retention::{HistoryDays, InForce, Limit};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    history_days: Option<i16>,
    history_versions: Option<i32>,
    run_state_days: Option<i32>,
    source: Sources<'a>,
    oldest_version: Option<&'a str>,
    versions: i64,
    bytes: i64,
    is_estimate: bool,
}

/// Which policy each value is from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sources<'a> {
    history_days: &'a str,
    history_versions: &'a str,
    run_state_days: &'a str,
}

/// The policy in force as JSON. No limit is null.
pub(super) fn policy(in_force: &InForce) -> Result<Response> {
    let days = Some(in_force.history_days.0).filter(|days| *days != HistoryDays::FOREVER);
    let number = |limit: Limit| Some(limit).filter(|it| *it != Limit::NONE).map(Limit::stored);
    let usage = &in_force.usage;
    let shown = Shown {
        history_days: days.map(HistoryDays::stored),
        history_versions: number(in_force.history_versions.0),
        run_state_days: number(in_force.report_days.0),
        source: Sources {
            history_days: &in_force.history_days.1,
            history_versions: &in_force.history_versions.1,
            run_state_days: &in_force.report_days.1,
        },
        oldest_version: usage.oldest_version.as_deref(),
        versions: usage.versions,
        bytes: usage.bytes,
        is_estimate: usage.is_estimate,
    };
    let body = serde_json::to_string(&shown).map_err(|error| Error::Internal(error.to_string()))?;
    let headers = vec![("Content-Type".into(), "application/json".into())];
    Ok(Response { status: 200, headers, body: body.into() })
}

/// The reply to a write whose client wants no body.
pub(super) fn minimal() -> Response {
    let headers = vec![("Preference-Applied".into(), "return=minimal".into())];
    Response { headers, ..empty() }
}

/// The reply to a delete.
pub(super) fn empty() -> Response {
    Response { status: 204, headers: Vec::new(), body: Body::empty() }
}
