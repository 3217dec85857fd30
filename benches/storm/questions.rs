//! Reads whose cost must not depend on the number of states: their labels and URLs.

use chrono::{DateTime, SecondsFormat, TimeDelta};

use crate::Result;
use crate::database::{BUSIEST, FAILURE_CODE};
use crate::request::{SCRIPTS, script_path};

/// Filters by time are for about so many of the newest states.
const NEWEST: u64 = 1_000;
/// The time of the first state of `fill_states`. Each of the others is a second later.
const FIRST: &str = "2017-01-01T00:02:58.4418045-08:00";

/// Lists of which a page far from the first is measured: label, and URL of the first page.
pub(crate) const DEEP: [(&str, &str); 2] = [
    ("page of 100, deep page", "{states}?$top=100"),
    (
        "page of 100, newest first, deep page",
        "{states}?$top=100&$orderby=lastStateUpdateDateTime desc",
    ),
];

/// The other reads: label and URL.
pub(crate) const READS: [(&str, &str); 17] = [
    ("page of 100", "{states}?$top=100"),
    ("page of 100 failures", "{states}?$top=100&$filter=runState eq 'fail'"),
    ("states of a device", "{states}?$filter=managedDevice/id eq 'device-17'"),
    ("states of two devices", "{states}?$filter=managedDevice/id in ('device-17','device-18')"),
    (
        "scripts, expanded with the states of a device",
        "{scripts}?$select=id&$expand=deviceRunStates($filter=managedDevice/id eq 'device-17')",
    ),
    ("newest 100", "{states}?$top=100&$orderby=lastStateUpdateDateTime desc"),
    (
        "newest 100 failures",
        "{states}?$top=100&$orderby=lastStateUpdateDateTime desc&$filter=runState eq 'fail'",
    ),
    ("page of 100 since a time", "{states}?$top=100&$filter=lastStateUpdateDateTime ge {since}"),
    (
        "page of 100 failures since a time",
        "{states}?$top=100&$filter=runState eq 'fail' and lastStateUpdateDateTime ge {since}",
    ),
    (
        "page of 100 failures with a code",
        "{states}?$top=100&$filter=runState eq 'fail' and errorCode eq {code}",
    ),
    ("/$count", "{states}/$count"),
    ("/$count of successes", "{states}/$count?$filter=runState eq 'success'"),
    ("/$count of failures", "{states}/$count?$filter=runState eq 'fail'"),
    ("/$count since a time", "{states}/$count?$filter=lastStateUpdateDateTime ge {since}"),
    (
        "/$count of failures since a time",
        "{states}/$count?$filter=runState eq 'fail' and lastStateUpdateDateTime ge {since}",
    ),
    (
        "/$count of failures with a code",
        "{states}/$count?$filter=runState eq 'fail' and errorCode eq {code}",
    ),
    ("run summary", "{script}/runSummary"),
];

/// The URL for a database with so many states, which were created one a second.
pub(crate) fn url(form: &str, states: u64) -> Result<String> {
    let script = script_path(BUSIEST);
    let after_first = TimeDelta::seconds(i64::try_from(states.saturating_sub(NEWEST))?);
    let since = DateTime::parse_from_rfc3339(FIRST)?.to_utc() + after_first;
    Ok(form
        .replace("{states}", &format!("{script}/deviceRunStates"))
        .replace("{scripts}", SCRIPTS)
        .replace("{script}", &script)
        .replace("{since}", &since.to_rfc3339_opts(SecondsFormat::Secs, true))
        .replace("{code}", &FAILURE_CODE.to_string())
        .replace(' ', "%20"))
}
