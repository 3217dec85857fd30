//! From verified claims to a [`Caller`]: audience, lifetime, tenant, and what the token holds.
//! Knows no keys and no clock; the time is told to it.

use serde_json::Value;
use uuid::Uuid;

use super::token::Verified;
use crate::auth::{Caller, CallerKind, refused};
use crate::error::Result;

/// How far the clocks of issuer and server may differ, in seconds; Microsoft's own default.
const CLOCK_SKEW: f64 = 300.0;
/// 9999-12-31T23:59:59Z, the last second that a date can name.
const LAST_SECOND: f64 = 253_402_300_799.0;
/// The longest subject, in characters; OpenID Connect has none that is longer.
const LONGEST_SUBJECT: usize = 255;

/// Whom the claims describe, provided that they are for `audiences` and hold at `now`, in
/// seconds since 1970.
pub(in crate::auth) fn caller(claims: &Verified, audiences: &[String], now: i64) -> Result<Caller> {
    check_audience(claims, audiences)?;
    check_lifetime(claims, now as f64)?;
    let tenant = text(claims, "tid")?.and_then(tenant_id);
    let tenant = tenant.ok_or_else(|| refused("the claim tid is missing or not a GUID"))?;
    let (object, subject) = (text(claims, "oid")?, text(claims, "sub")?);
    let kind = kind(claims, object.is_none() || object == subject)?;
    Ok(Caller { tenant, subject: for_logs(object.or(subject)), kind })
}

/// A GUID in hyphenated form, the only form in which a tenant is written.
pub(in crate::auth) fn tenant_id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == uuid::fmt::Hyphenated::LENGTH)
}

fn check_audience(claims: &Verified, audiences: &[String]) -> Result<()> {
    let named = list(claims, "aud")?.unwrap_or_default();
    if audiences.iter().any(|own| named.contains(&own.as_str())) {
        return Ok(());
    }
    Err(refused("the token is for another audience"))
}

fn check_lifetime(claims: &Verified, now: f64) -> Result<()> {
    let end = date(claims, "exp")?.ok_or_else(|| refused("the claim exp is missing"))?;
    if now >= end + CLOCK_SKEW {
        return Err(refused("the token has expired"));
    }
    match date(claims, "nbf")? {
        Some(start) if now < start - CLOCK_SKEW => Err(refused("the token is not valid yet")),
        _ => Ok(()),
    }
}

/// What the token holds. `idtyp` tells best; without it, roles make an application only where
/// the token is the service principal's own (`oid` is `sub`), since an id token of a user
/// carries that user's roles too.
fn kind(claims: &Verified, own: bool) -> Result<CallerKind> {
    let identity = text(claims, "idtyp")?;
    let scopes = scopes(claims)?;
    let roles = list(claims, "roles")?.unwrap_or_default();
    let roles = non_empty(roles.into_iter().map(str::to_owned));
    Ok(match identity {
        Some("app") => CallerKind::Application { roles },
        _ if !scopes.is_empty() => CallerKind::Delegated { scopes },
        None if own && !roles.is_empty() => CallerKind::Application { roles },
        _ => CallerKind::Unknown,
    })
}

/// `scp`, or `scope` where the issuer writes it so: one string with spaces, or an array.
fn scopes(claims: &Verified) -> Result<Vec<String>> {
    let name = if claims.get("scp").is_some() { "scp" } else { "scope" };
    Ok(match claims.get(name) {
        Some(Value::String(joined)) => non_empty(joined.split(' ').map(str::to_owned)),
        _ => non_empty(list(claims, name)?.unwrap_or_default().into_iter().map(str::to_owned)),
    })
}

fn non_empty(names: impl Iterator<Item = String>) -> Vec<String> {
    names.filter(|name| !name.is_empty()).collect()
}

fn text<'claims>(claims: &'claims Verified, name: &str) -> Result<Option<&'claims str>> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(refused(format!("the claim {name} is not a string"))),
    }
}

/// A claim that is one string or an array of strings.
fn list<'claims>(claims: &'claims Verified, name: &str) -> Result<Option<Vec<&'claims str>>> {
    let strings = match claims.get(name) {
        None => return Ok(None),
        Some(Value::String(text)) => Some(vec![text.as_str()]),
        Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    strings
        .map(Some)
        .ok_or_else(|| refused(format!("the claim {name} is not a string or a list of strings")))
}

/// A `NumericDate` of RFC 7519: seconds since 1970, a fraction permitted.
fn date(claims: &Verified, name: &str) -> Result<Option<f64>> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    match value.as_f64() {
        Some(seconds) if (0.0..=LAST_SECOND).contains(&seconds) => Ok(Some(seconds)),
        Some(_) => Err(refused(format!("the claim {name} is not a date before the year 10000"))),
        None => Err(refused(format!("the claim {name} is not a number"))),
    }
}

fn for_logs(subject: Option<&str>) -> String {
    let printable = subject.unwrap_or("-").chars().filter(|character| !character.is_control());
    printable.take(LONGEST_SUBJECT).collect()
}

#[cfg(test)]
mod tests;
