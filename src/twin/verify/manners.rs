//! The manners that Graph asks of a client, each with the requests that lack it.

use serde::Serialize;

use crate::message::Method;
use crate::odata::Json;
use crate::twin::call::{Call, Verb};
use crate::twin::members::{Words, name_of};
use crate::twin::record::{Entry, Record};

/// The largest batch of Graph.
const ITEMS_OF_GRAPH: usize = 20;

/// A manner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Each `@odata.nextLink` is followed.
    FollowsNextLinks,
    /// No request is repeated before the time of its `Retry-After`.
    RespectsRetryAfter,
    /// Each read of entities has `$select`.
    Selects,
    /// No batch has more than 20 requests.
    BatchesAtMost20,
    /// No create is repeated unless it has an `id` or an `Idempotency-Key`, or has surely failed before.
    NoWriteRepeatedWithoutId,
    /// Each request has a `client-request-id`.
    SendsClientRequestId,
}

/// Whether a client has a manner.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct MannerResult {
    pub name: &'static str,
    pub ok: bool,
    /// The requests that lack it.
    pub requests: Vec<u64>,
}

impl Manner {
    /// All of them, with their names in the control API.
    pub(super) const NAMES: Words<Self> = &[
        ("followsNextLinks", Self::FollowsNextLinks),
        ("respectsRetryAfter", Self::RespectsRetryAfter),
        ("selects", Self::Selects),
        ("batchesAtMost20", Self::BatchesAtMost20),
        ("noWriteRepeatedWithoutId", Self::NoWriteRepeatedWithoutId),
        ("sendsClientRequestId", Self::SendsClientRequestId),
    ];

    /// Checks the requests that match. What follows a request may be any of the record.
    pub(super) fn check(self, matching: &[&Entry], record: &Record) -> MannerResult {
        let lacking = matching.iter().filter(|entry| !self.has(entry, record));
        let requests: Vec<u64> = lacking.map(|entry| entry.number).collect();
        MannerResult { name: name_of(self, Self::NAMES), ok: requests.is_empty(), requests }
    }

    fn has(self, entry: &Entry, record: &Record) -> bool {
        let call = &*entry.call;
        match self {
            Self::FollowsNextLinks => {
                let link = entry.ending.as_ref().and_then(|ending| ending.next_link.as_deref());
                link.and_then(skip_token).is_none_or(|token| {
                    let later = record.entries().filter(|later| later.number > entry.number);
                    later.into_iter().any(|later| later.call.option("skiptoken") == Some(&*token))
                })
            }
            Self::RespectsRetryAfter => !entry.is_early,
            Self::Selects => {
                let reads = matches!(call.verb, Some(Verb::List | Verb::Get));
                !reads || call.option("select").is_some()
            }
            Self::BatchesAtMost20 => items(call).is_none_or(|items| items <= ITEMS_OF_GRAPH),
            Self::NoWriteRepeatedWithoutId => {
                let is_safe = !call.is_key_new || call.header("idempotency-key").is_some();
                let may_be_done =
                    |number| record.find(number).is_none_or(|before| !before.has_failed());
                call.verb != Some(Verb::Create)
                    || is_safe
                    || !entry.retry_of.is_some_and(may_be_done)
            }
            Self::SendsClientRequestId => {
                call.place.is_some() || call.header("client-request-id").is_some()
            }
        }
    }
}

/// The `$skiptoken` of a link, which a client may send with other options.
fn skip_token(link: &str) -> Option<String> {
    let query = link.split_once('?')?.1;
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let token = pairs.into_iter().find(|(name, _)| name == "$skiptoken");
    token.map(|(_, value)| value.into_owned())
}

/// How many requests a batch has; `None` where the call is no batch.
fn items(call: &Call) -> Option<usize> {
    if call.method != Method::Post || !call.path.ends_with("/$batch") {
        return None;
    }
    let text = String::from_utf8_lossy(&call.body);
    let Ok(Json::Object(members)) = Json::parse(&text) else { return None };
    members.into_iter().find_map(|(name, value)| match value {
        Json::Array(items) if name.eq_ignore_ascii_case("requests") => Some(items.len()),
        _ => None,
    })
}
