//! The rules of a tenant: which faults happen to which requests.

use serde_json::value::RawValue;

use super::Call;
use super::reply::{self, List};
use crate::error::{Error, Result, TwinReason};
use crate::message::{Method, Response};
use crate::twin::Rule;

pub(super) fn answer(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    let mut rules = tenant.traffic().rules();
    match call.request.method {
        Method::Post => {
            let added = rules.add(Rule::read(call.members()?)?)?;
            reply::json(201, &rules.show(&added).map(written).transpose()?)
        }
        Method::Delete => {
            rules.clear();
            Ok(reply::empty())
        }
        _ => {
            let value = rules.show_all().map(written).collect::<Result<_>>()?;
            reply::json(200, &List { value })
        }
    }
}

pub(super) fn answer_one(call: &Call<'_>, id: &str, rule: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    let mut rules = tenant.traffic().rules();
    let unknown = || TwinReason::Unknown { kind: "rule", id: rule.into() };
    match call.request.method {
        Method::Delete if rules.remove(rule) => Ok(reply::empty()),
        Method::Delete => Err(unknown().into()),
        _ => reply::json(200, &written(rules.show(rule).ok_or_else(unknown)?)?),
    }
}

/// JSON that is written already.
pub(super) fn written(text: String) -> Result<Box<RawValue>> {
    RawValue::from_string(text).map_err(|error| Error::Internal(error.to_string()))
}
