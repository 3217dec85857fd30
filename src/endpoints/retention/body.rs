//! The body of a request → what a policy says. A member that the body leaves out stays `None`.

use crate::error::{BodyReason, ValueReason};
use crate::odata::Json;
use crate::retention::{HistoryDays, Limit, MAX_RUN_STATE_DAYS, MAX_VERSIONS, Policy};

/// The name of the type in errors.
const TYPE: &str = "runstate.retentionPolicy";
/// Members of a reply that a client may send back. They say nothing in a request.
const COMPUTED: [&str; 5] = ["source", "oldestVersion", "versions", "bytes", "isEstimate"];

const HISTORY_DAYS: &str = "0, 7, 30, 90, 365, or null for no limit";
const HISTORY_VERSIONS: &str = "a whole number from 1 to 1000000, or null for no limit";
const RUN_STATE_DAYS: &str = "a whole number from 1 to 36500, or null for no limit";

/// Reads the JSON of a policy.
pub(super) fn read(json: Json) -> Result<Policy, BodyReason> {
    let Json::Object(members) = json else {
        return Err(BodyReason::NotObject { found: json.kind() });
    };
    let mut policy = Policy::default();
    for (name, json) in members {
        let is = |own: &str| name.eq_ignore_ascii_case(own);
        if is("historyDays") {
            let of = |number| match number {
                None => Some(HistoryDays::FOREVER),
                Some(days) => HistoryDays::of(days),
            };
            set(&mut policy.history_days, "historyDays", &json, of, HISTORY_DAYS)?;
        } else if is("historyVersions") {
            let of = |number| limit(number, MAX_VERSIONS);
            set(&mut policy.history_versions, "historyVersions", &json, of, HISTORY_VERSIONS)?;
        } else if is("runStateDays") {
            let of = |number| limit(number, MAX_RUN_STATE_DAYS);
            set(&mut policy.report_days, "runStateDays", &json, of, RUN_STATE_DAYS)?;
        } else if !name.contains('@') && !COMPUTED.into_iter().any(is) {
            return Err(BodyReason::PropertyUnknown { name, of: TYPE.into() });
        }
    }
    Ok(policy)
}

fn limit(number: Option<i64>, most: i64) -> Option<Limit> {
    match number {
        None => Some(Limit::NONE),
        Some(number) => Limit::of(number, most),
    }
}

/// Sets a value of the policy, once. `of` makes it from a number or, for null, from `None`; `allowed`
/// says from which ones.
fn set<Value>(
    value: &mut Option<Value>,
    property: &'static str,
    json: &Json,
    of: impl Fn(Option<i64>) -> Option<Value>,
    allowed: &'static str,
) -> Result<(), BodyReason> {
    if value.is_some() {
        return Err(BodyReason::Repeated { name: property.into() });
    }
    let found = match json {
        Json::Null => of(None),
        Json::Integer(number) => of(Some(*number)),
        Json::Number(number) => number.integer().and_then(|number| of(Some(number))),
        _ => None,
    };
    let found = found.ok_or_else(|| {
        let found = match json {
            Json::Integer(number) => number.to_string(),
            Json::Number(number) => number.written().to_owned(),
            other => other.kind().into(),
        };
        BodyReason::Property { property, reason: ValueReason::NotAllowed { found, allowed } }
    })?;
    *value = Some(found);
    Ok(())
}
