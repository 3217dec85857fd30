//! Tenants: makes, lists, changes, copies, resets and removes them.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use serde::Serialize;

use super::reply::{self, List};
use super::tokens::{self, Tokens};
use super::{Call, clock, contents, fixtures};
use crate::error::{Result, TwinReason};
use crate::message::{Method, Response};
use crate::model::API_VERSION;
use crate::model::permission::Profile;
use crate::odata::Json;
use crate::twin::limits::{
    DEFAULT_TIME_TO_LIVE, MAX_RATE, MAX_RULES, MAX_TIME_TO_LIVE, MAX_TWIN_NAME,
};
use crate::twin::members::{Members, Words, name_of, one_of, word, wrong};
use crate::twin::{
    Kept, NewTenant, Origin, PROFILES, Rules, Settings, StartClock, Tenant, ThrottleSettings, Twin,
};

/// Whether ids are the same in each run.
const IDS: Words<bool> = &[("random", false), ("seeded", true)];
/// The parts of a tenant that a reset may leave as they are.
const KEPT: Words<Kept> = &[
    ("clock", Kept { clock: true, ..Kept::NOTHING }),
    ("rules", Kept { rules: true, ..Kept::NOTHING }),
    ("throttle", Kept { throttle: true, ..Kept::NOTHING }),
    ("record", Kept { record: true, ..Kept::NOTHING }),
];

/// A tenant as a reply shows it.
#[derive(Serialize)]
struct Shown {
    id: String,
    tenant: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    graph: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Tokens>,
    permissions: String,
    #[serde(rename = "headerFaults")]
    header_faults: bool,
    record: bool,
    ids: &'static str,
    expires: String,
    clock: clock::Shown,
}

pub(super) async fn answer(call: &Call<'_>) -> Result<Response> {
    match call.request.method {
        Method::Post => {
            call.without_query()?;
            create(call, None).await
        }
        Method::Delete => remove_by_prefix(call).await,
        _ => list(call),
    }
}

pub(super) async fn answer_one(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    match call.request.method {
        Method::Delete => {
            call.twin.remove(&call.service.store, &[tenant]).await?;
            Ok(reply::empty())
        }
        Method::Patch => change(call, &tenant).await,
        _ => reply::json(200, &shown(call, &tenant, None)),
    }
}

/// Makes a copy of a tenant.
pub(super) async fn fork(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    create(call, Some(Twin::origin_of_tenant(tenant))).await
}

/// Gives a tenant the contents that it had at the start, or those of a snapshot.
pub(super) async fn reset(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    let mut members = call.members()?;
    let to = members.text("to")?;
    let expected = format!("a list of {}", one_of(KEPT));
    let keep = members.value("keep", &expected, |json| {
        let Json::Array(items) = json else { return None };
        let each = items.iter().map(|item| word(item, KEPT)).collect::<Option<Vec<_>>>()?;
        Some(each.into_iter().fold(Kept::NOTHING, Kept::and))
    })?;
    members.end()?;
    let keep = keep.unwrap_or(Kept::NOTHING);
    call.twin.reset(&call.service.store, &tenant, to.as_deref(), keep).await?;
    reply::json(200, &shown(call, &tenant, None))
}

/// Reads the name of a tenant.
fn name(members: &mut Members) -> Result<Option<String>> {
    members.value("name", &expected_name(), read_name)
}

/// Reads a name that paths have: the `id` of a tenant, or the name of a snapshot. Clients resolve the
/// segments '.' and '..' before they send a path.
pub(super) fn segment(members: &mut Members, member: &'static str) -> Result<Option<String>> {
    let expected = format!("{}, and not be '.' or '..'", expected_name());
    members.value(member, &expected, |json| {
        read_name(json).filter(|name| ![".", ".."].contains(&name.as_str()))
    })
}

fn expected_name() -> String {
    format!(
        "1 to {MAX_TWIN_NAME} characters without '/' and control characters, and not begin with '{}'",
        fixtures::PREFIX
    )
}

fn read_name(json: &Json) -> Option<String> {
    match json {
        Json::String(text) if is_name(text) => Some(text.clone()),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    let is_plain = |character: char| !character.is_control() && character != '/';
    let has_length = (1..=MAX_TWIN_NAME).contains(&text.chars().count());
    has_length && text.chars().all(is_plain) && !text.starts_with(fixtures::PREFIX)
}

fn list(call: &Call<'_>) -> Result<Response> {
    let [name] = call.query(["name"], "It is 'name'.")?;
    let tenants = call.twin.tenants().into_iter();
    let named = tenants.filter(|it| name.is_none() || it.settings().name == name);
    reply::json(200, &List { value: named.map(|it| shown(call, &it, None)).collect() })
}

async fn remove_by_prefix(call: &Call<'_>) -> Result<Response> {
    let [prefix] = call.query(["prefix"], "It is 'prefix'.")?;
    let prefix = prefix.filter(|prefix| !prefix.is_empty());
    let prefix = prefix.ok_or(TwinReason::MemberMissing { name: "prefix".into() })?;
    let has_prefix =
        |tenant: &Arc<Tenant>| tenant.settings().name.is_some_and(|name| name.starts_with(&prefix));
    let tenants: Vec<_> = call.twin.tenants().into_iter().filter(has_prefix).collect();
    call.twin.remove(&call.service.store, &tenants).await?;
    Ok(reply::empty())
}

async fn create(call: &Call<'_>, origin: Option<Origin>) -> Result<Response> {
    let (new, seed) = read_new(call, origin)?;
    let token_lifetime = new.time_to_live.max(DEFAULT_TIME_TO_LIVE);
    let draft = call.twin.draft(new)?;
    let tokens = tokens::of_new(call, &draft.tenant, token_lifetime).await?;
    let plans = match seed {
        Some(seed) => Some(contents::plans(call, &draft.tenant, &seed).await?),
        None => None,
    };
    let tenant = call.twin.create(&call.service.store, draft, plans.as_deref()).await?;
    reply::json(201, &shown(call, &tenant, Some(tokens)))
}

/// Reads what a new tenant is to be. The path of a fork names the origin already.
fn read_new(call: &Call<'_>, origin: Option<Origin>) -> Result<(NewTenant, Option<String>)> {
    let mut members = call.members()?;
    let handle = segment(&mut members, "id")?;
    let own_name = name(&mut members)?;
    let (origin, seed) = match origin {
        Some(origin) => (Some(origin), None),
        None => beginning(call, &mut members)?,
    };
    let time_to_live = read_time_to_live(&mut members)?.unwrap_or(DEFAULT_TIME_TO_LIVE);
    let permissions = members.word("permissions", PROFILES)?.unwrap_or(Profile::Seed);
    let has_seeded_ids = members.word("ids", IDS)?.unwrap_or_default();
    let clock = match members.object("clock")? {
        None => origin.as_ref().and_then(|origin| origin.clock),
        Some(mut members) => Some(read_clock(&mut members).and_then(|clock| {
            members.end()?;
            Ok(clock)
        })?),
    };
    let traffic = traffic(&mut members)?;
    members.end()?;
    let permissions = name_of(permissions, PROFILES).to_owned();
    let settings = Settings { name: own_name, permissions, has_seeded_ids, clock, ..traffic };
    Ok((NewTenant { handle, settings, origin, time_to_live }, seed))
}

/// Reads what a new tenant is a copy of, or else its contents.
fn beginning(call: &Call<'_>, members: &mut Members) -> Result<(Option<Origin>, Option<String>)> {
    match (members.text("from")?, members.json("seed")) {
        (None, None) => Ok((None, None)),
        (None, Some(_)) => Ok((None, Some(contents::seed(call)?))),
        (Some(_), Some(seed)) => Err(wrong("seed", &seed, "absent beside 'from'")),
        (Some(from), None) => match fixtures::contents(&from)? {
            Some(contents) => Ok((None, Some(contents.to_owned()))),
            None => Ok((Some(call.twin.origin(&from)?), None)),
        },
    }
}

/// Reads what happens to the requests of a new tenant's clients.
fn traffic(members: &mut Members) -> Result<Settings> {
    let header_faults = members.boolean("headerFaults")?.unwrap_or_default();
    let records = members.boolean("record")?.unwrap_or(true);
    let throttle = members.object("throttle")?.map(ThrottleSettings::read).transpose()?;
    let throttle = throttle.map(|throttle| throttle.show());
    let expected = format!("a list of at most {MAX_RULES} rules");
    let rules = members.value("rules", &expected, |json| match json {
        Json::Array(items) if items.len() <= MAX_RULES => Some(items.clone()),
        _ => None,
    })?;
    let rules = Rules::read(rules.unwrap_or_default())?;
    Ok(Settings { header_faults, records, throttle, rules, ..Settings::default() })
}

fn read_clock(members: &mut Members) -> Result<StartClock> {
    let now = members.time("now")?.unwrap_or_else(Utc::now);
    Ok(StartClock::new(now, read_rate(members)?.unwrap_or(1.0)))
}

/// Reads how fast a clock goes.
pub(super) fn read_rate(members: &mut Members) -> Result<Option<f64>> {
    let is_rate = |rate| (0.0..=MAX_RATE).contains(&rate);
    members.double("rate", is_rate, &format!("a number from 0 to {MAX_RATE}"))
}

fn read_time_to_live(members: &mut Members) -> Result<Option<Duration>> {
    let place = members.place("ttl");
    let time_to_live = members.duration("ttl")?;
    let is_valid = |it: &Duration| !it.is_zero() && *it <= MAX_TIME_TO_LIVE;
    match time_to_live {
        Some(time) if !is_valid(&time) => Err(TwinReason::Member {
            name: place,
            found: format!("{} s", time.as_secs_f64()),
            expected: format!("more than 0 s and at most {} s", MAX_TIME_TO_LIVE.as_secs()),
        }
        .into()),
        time => Ok(time),
    }
}

async fn change(call: &Call<'_>, tenant: &Tenant) -> Result<Response> {
    let mut members = call.members()?;
    let own_name = name(&mut members)?;
    let time_to_live = read_time_to_live(&mut members)?;
    let permissions = members.word("permissions", PROFILES)?;
    let header_faults = members.boolean("headerFaults")?;
    let records = members.boolean("record")?;
    members.end()?;
    let change = |settings: &mut Settings| {
        settings.name = own_name.or(settings.name.take());
        if let Some(profile) = permissions {
            settings.permissions = name_of(profile, PROFILES).into();
        }
        settings.header_faults = header_faults.unwrap_or(settings.header_faults);
        settings.records = records.unwrap_or(settings.records);
    };
    call.twin.change(&call.service.store, tenant, change, time_to_live).await?;
    reply::json(200, &shown(call, tenant, None))
}

fn shown(call: &Call<'_>, tenant: &Tenant, tokens: Option<Tokens>) -> Shown {
    let settings = tenant.settings();
    Shown {
        id: tenant.handle.clone(),
        tenant: tenant.id.to_string(),
        name: settings.name,
        graph: format!("{}/{API_VERSION}", call.request.base),
        tokens,
        permissions: settings.permissions,
        header_faults: settings.header_faults,
        record: settings.records,
        ids: name_of(settings.has_seeded_ids, IDS),
        expires: reply::time(tenant.expires_at()),
        clock: clock::Shown::of(tenant),
    }
}
