//! What a rule does to a request: the faults, and how they are read. Knows no request.

use std::time::Duration;

use super::status::StatusFault;
use crate::error::Result;
use crate::odata::{Json, MAX_TOP};
use crate::twin::limits::{MAX_DELAY_MS, MAX_DRIP, MAX_RETRY_AFTER, MAX_STALE};
use crate::twin::members::{Members, Words, one_of, word, wrong};
use crate::twin::retry_after::{FORMS, Form};

/// The `Retry-After` of a rule that names none, in seconds.
const RETRY_AFTER: f64 = 10.0;

/// What happens to a request instead of, or besides, being answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// An error, and nothing is done.
    Status(StatusFault),
    /// 429, and nothing is done.
    Throttle {
        /// Seconds.
        retry_after: f64,
        form: Form,
    },
    /// The reply is late.
    Delay {
        place: Place,
        /// Milliseconds.
        length: u64,
        /// Up to so many milliseconds more.
        jitter: u64,
    },
    /// The request is carried out, and no byte of the reply is sent.
    LostReply(Loss),
    /// The connection closes in the middle of the body.
    Cut(Cut),
    /// The body is sent slowly.
    Drip {
        bytes_per_second: u32,
    },
    /// The connection is reset before anything is done.
    Refuse,
    /// The reply says that a write was done, which was rolled back.
    Pretend,
    /// A create is carried out two times.
    Twice,
    /// Reads see the tenant as it was before the write, for this time.
    Stale(Duration),
    Quirk(Quirk),
    /// `runState` shows only the three members of the first version of the API.
    SeedMembers,
}

/// Whether a delay is before the request is carried out, or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Before,
    After,
}

/// How a reply is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The server closes the connection.
    Close,
    /// The server resets the connection.
    Reset,
    /// The connection stays open, and nothing comes.
    Timeout,
}

/// How much of a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    Bytes(usize),
    Half,
}

/// A way in which Graph itself is known to differ from its documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// A page that is not the last has no `@odata.nextLink`.
    NoNextLink,
    /// `$filter` is ignored.
    IgnoreFilter,
    /// `$orderby` is ignored.
    IgnoreOrderBy,
    /// The first page has so many entities at most.
    FirstPage(u32),
    /// 429 and 503 have no `Retry-After`.
    NoRetryAfter,
    /// Errors have `innererror` instead of `innerError`.
    Innererror,
    /// Members that are null are left out.
    NullsLeftOut,
}

/// The names of the faults: the members of `then`.
const NAMES: [&str; 12] = [
    "status",
    "throttle",
    "delay",
    "lostReply",
    "cut",
    "drip",
    "refuse",
    "pretend",
    "twice",
    "stale",
    "quirk",
    "enum",
];
const LOSSES: Words<Loss> =
    &[("close", Loss::Close), ("reset", Loss::Reset), ("timeout", Loss::Timeout)];
const PLAIN_QUIRKS: Words<Quirk> = &[
    ("noNextLink", Quirk::NoNextLink),
    ("ignoreFilter", Quirk::IgnoreFilter),
    ("ignoreOrderBy", Quirk::IgnoreOrderBy),
    ("noRetryAfter", Quirk::NoRetryAfter),
    ("innererror", Quirk::Innererror),
    ("nullsLeftOut", Quirk::NullsLeftOut),
];

impl Fault {
    /// Reads `then` of a rule: an object with one member, which names the fault.
    pub(super) fn read(json: &Json) -> Result<Self> {
        let name = match json {
            Json::Object(members) => match members.as_slice() {
                [(name, _)] => NAMES.iter().find(|own| *own == name),
                _ => None,
            },
            _ => None,
        };
        let Some(name) = name else {
            let expected = format!("an object with exactly one of {}", NAMES.join(", "));
            return Err(wrong("then", json, &expected));
        };
        let mut then = Members::of_member("then", json.clone())?;
        let fault = match *name {
            "status" => StatusFault::read(&mut then)?.map(Self::Status),
            "throttle" => throttle(&mut then)?,
            "delay" => delay(&mut then)?,
            "lostReply" => then.word("lostReply", LOSSES)?.map(Self::LostReply),
            "cut" => cut(&mut then)?.map(Self::Cut),
            "drip" => drip(&mut then)?,
            "refuse" => then.word("refuse", &[("reset", ())])?.map(|()| Self::Refuse),
            "pretend" => only_true(&mut then, "pretend")?.map(|()| Self::Pretend),
            "twice" => only_true(&mut then, "twice")?.map(|()| Self::Twice),
            "stale" => stale(&mut then)?.map(Self::Stale),
            "quirk" => then.value("quirk", &quirks(), quirk)?.map(Self::Quirk),
            _ => then.word("enum", &[("seed", ())])?.map(|()| Self::SeedMembers),
        };
        then.given(name, fault)
    }

    /// Whether it can happen to an item of a batch: it concerns neither the connection nor the bytes
    /// of a reply.
    #[must_use]
    pub fn fits_item(&self) -> bool {
        !matches!(self, Self::LostReply(_) | Self::Cut(_) | Self::Drip { .. } | Self::Refuse)
    }
}

fn throttle(then: &mut Members) -> Result<Option<Fault>> {
    let Some(mut members) = then.object("throttle")? else { return Ok(None) };
    let is_allowed = |seconds| (0.0..=MAX_RETRY_AFTER).contains(&seconds);
    let seconds = "a number of seconds from 0 to 86400";
    let retry_after = members.double("retryAfter", is_allowed, seconds)?;
    let form = members.word("form", FORMS)?;
    members.end()?;
    let retry_after = retry_after.unwrap_or(RETRY_AFTER);
    let usual = if retry_after.fract() == 0.0 { Form::Seconds } else { Form::Fraction };
    Ok(Some(Fault::Throttle { retry_after, form: form.unwrap_or(usual) }))
}

fn delay(then: &mut Members) -> Result<Option<Fault>> {
    let Some(mut members) = then.object("delay")? else { return Ok(None) };
    let place = members.word("place", &[("before", Place::Before), ("after", Place::After)])?;
    let expected = format!("a whole number from 0 to {MAX_DELAY_MS}");
    let length = members.number("ms", 0..=MAX_DELAY_MS, &expected)?;
    let jitter = members.number("jitter", 0..=MAX_DELAY_MS, &expected)?;
    let length = members.given("ms", length)?.unsigned_abs();
    members.end()?;
    let (place, jitter) = (place.unwrap_or(Place::Before), jitter.unwrap_or_default());
    Ok(Some(Fault::Delay { place, length, jitter: jitter.unsigned_abs() }))
}

fn cut(then: &mut Members) -> Result<Option<Cut>> {
    let Some(json) = then.json("cut") else { return Ok(None) };
    match json {
        Json::String(text) if text == "half" => Ok(Some(Cut::Half)),
        Json::Object(_) => {
            let mut members = Members::of_member("then.cut", json)?;
            let most = i64::from(u32::MAX);
            let bytes = members.number("bytes", 0..=most, "a whole number from 0")?;
            let bytes = members.given("bytes", bytes)?;
            members.end()?;
            Ok(Some(Cut::Bytes(usize::try_from(bytes).unwrap_or(usize::MAX))))
        }
        other => Err(wrong("then.cut", &other, "'half', or an object with 'bytes'")),
    }
}

fn drip(then: &mut Members) -> Result<Option<Fault>> {
    const RATE: &str = "bytesPerSecond";
    let Some(mut members) = then.object("drip")? else { return Ok(None) };
    let expected = format!("a whole number from 1 to {MAX_DRIP}");
    let rate = members.number(RATE, 1..=MAX_DRIP, &expected)?;
    let rate = members.given(RATE, rate.and_then(|rate| u32::try_from(rate).ok()))?;
    members.end()?;
    Ok(Some(Fault::Drip { bytes_per_second: rate }))
}

fn stale(then: &mut Members) -> Result<Option<Duration>> {
    let Some(mut members) = then.object("stale")? else { return Ok(None) };
    let length = members.limited_duration("for", MAX_STALE)?;
    let length = members.given("for", length)?;
    members.end()?;
    Ok(Some(length))
}

fn only_true(then: &mut Members, name: &'static str) -> Result<Option<()>> {
    then.value(name, "true", |json| (*json == Json::Boolean(true)).then_some(()))
}

fn quirks() -> String {
    format!("{} or {{\"firstPage\": 1 to {MAX_TOP}}}", one_of(PLAIN_QUIRKS))
}

fn quirk(json: &Json) -> Option<Quirk> {
    match json {
        Json::Object(members) => match members.as_slice() {
            [(name, Json::Integer(most))] if name == "firstPage" => {
                let most = u32::try_from(*most).ok()?;
                (1..=MAX_TOP).contains(&most).then_some(Quirk::FirstPage(most))
            }
            _ => None,
        },
        json => word(json, PLAIN_QUIRKS),
    }
}
