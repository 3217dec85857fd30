//! The clock of a tenant: what it shows, and how it is set and advanced.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Call, reply, tenants};
use crate::error::{Result, TwinReason};
use crate::message::{Method, Response};
use crate::twin::{NewCourse, Tenant};

/// The last time that a clock can be set to.
const LAST: &str = "a time before the year 10000";

/// A clock as a reply shows it.
#[derive(Serialize)]
pub(super) struct Shown {
    now: String,
    rate: Value,
}

impl Shown {
    pub(super) fn of(tenant: &Tenant) -> Self {
        let rate = tenant.clock.course().map_or(1.0, |course| course.rate);
        Self { now: reply::time(tenant.now()), rate: reply::number(rate) }
    }
}

pub(super) async fn answer(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    if call.request.method == Method::Put {
        let mut members = call.members()?;
        let (now, rate) = (members.time("now")?, tenants::read_rate(&mut members)?);
        members.end()?;
        let change = |before: NewCourse| {
            Ok(NewCourse { now: now.unwrap_or(before.now), rate: rate.unwrap_or(before.rate) })
        };
        call.twin.change_clock(&call.service.store, &tenant, change).await?;
    }
    reply::json(200, &Shown::of(&tenant))
}

/// Advances a clock by a duration, or to a time.
pub(super) async fn advance(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    let mut members = call.members()?;
    let (by, to) = (members.duration("by")?, members.time("to")?);
    members.end()?;
    let change = |before: NewCourse| match (by, to) {
        (Some(by), None) => {
            let by = TimeDelta::from_std(by).ok();
            let now = by.and_then(|by| before.now.checked_add_signed(by)).filter(is_possible);
            let too_late = || wrong("by", "a duration that is too long", LAST);
            now.map(|now| NewCourse { now, ..before }).ok_or_else(too_late)
        }
        (None, Some(now)) => Ok(NewCourse { now, ..before }),
        (Some(_), Some(_)) => Err(wrong("to", "given beside 'by'", "absent then")),
        (None, None) => Err(TwinReason::MemberMissing { name: "by".into() }.into()),
    };
    call.twin.change_clock(&call.service.store, &tenant, change).await?;
    reply::json(200, &Shown::of(&tenant))
}

fn is_possible(time: &DateTime<Utc>) -> bool {
    chrono::Datelike::year(time) < 10_000
}

fn wrong(name: &str, found: &str, expected: &str) -> crate::error::Error {
    let (name, found, expected) = (name.into(), found.into(), expected.into());
    TwinReason::Member { name, found, expected }.into()
}
