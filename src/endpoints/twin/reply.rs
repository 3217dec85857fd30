//! The replies of the control API: JSON.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::message::{Body, Response};

/// A reply with JSON.
pub(super) fn json(status: u16, body: &impl Serialize) -> Result<Response> {
    let body = serde_json::to_string(body).map_err(|error| Error::Internal(error.to_string()))?;
    let headers = vec![("Content-Type".into(), "application/json".into())];
    Ok(Response { status, headers, body: body.into() })
}

/// A list, as Graph has it.
#[derive(Serialize)]
pub(super) struct List<Item> {
    pub(super) value: Vec<Item>,
}

/// A reply without a body.
pub(super) fn empty() -> Response {
    Response { status: 204, headers: Vec::new(), body: Body::empty() }
}

/// A time as JSON has it, with the fraction that it needs.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.trunc_subsecs(6).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A number as JSON has it: without a fraction where there is none.
pub(super) fn number(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "the numbers of this API are small")]
    let whole = number as i64;
    match number.fract() == 0.0 {
        true => whole.into(),
        false => number.into(),
    }
}
