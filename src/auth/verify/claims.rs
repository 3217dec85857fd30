//! Verified claims → a [`Caller`]: checks audience, lifetime and tenant, and reads the permissions.
//! Knows no key and no clock; the current time is a parameter.

use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::token::VerifiedClaims;
use crate::auth::{Caller, CallerKind, refused};
use crate::error::Result;

/// The permitted difference between the clocks of issuer (or client) and server in seconds, Microsoft's
/// default.
pub(in crate::auth) const CLOCK_SKEW: f64 = 300.0;
/// 9999-12-31T23:59:59Z, the last second with a four-digit year.
const LAST_SECOND: f64 = 253_402_300_799.0;
/// The maximum length of a subject in characters, by `OpenID` Connect.
const MAX_SUBJECT_LENGTH: usize = 255;

/// The audiences of which a token needs one.
pub(in crate::auth) struct Audiences {
    pub(in crate::auth) names: Vec<String>,
    /// Whether each address is accepted: scheme, host and port.
    pub(in crate::auth) accepts_addresses: bool,
}

impl Audiences {
    fn accept(&self, audience: &str) -> bool {
        self.names.iter().any(|own| own == audience)
            || (self.accepts_addresses && is_address(audience))
    }
}

/// The caller of claims whose audience and lifetime are checked already.
pub(in crate::auth) fn to_caller(claims: VerifiedClaims) -> Result<Caller> {
    let tenant = string_claim(&claims, "tid")?.and_then(parse_tenant);
    let tenant = tenant.ok_or_else(|| refused("the claim tid is missing or not a GUID"))?;
    let (object, subject) = (string_claim(&claims, "oid")?, string_claim(&claims, "sub")?);
    let kind = caller_kind(&claims, object.is_none() || object == subject)?;
    let subject = printable(object.or(subject));
    Ok(Caller { tenant, subject, kind, claims })
}

/// Parses a tenant, which is a GUID in hyphenated form only.
pub(in crate::auth) fn parse_tenant(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == uuid::fmt::Hyphenated::LENGTH)
}

/// Checks that one of the audiences is ours.
pub(in crate::auth) fn check_audience(
    claims: &VerifiedClaims,
    audiences: &Audiences,
) -> Result<()> {
    let given = string_list_claim(claims, "aud")?.unwrap_or_default();
    if given.iter().any(|audience| audiences.accept(audience)) {
        return Ok(());
    }
    Err(refused("the token is for another audience"))
}

/// Whether a text is the address of a server, with or without a slash at its end.
fn is_address(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    url.is_some_and(|url| {
        let origin = url.origin().ascii_serialization();
        text.strip_suffix('/').unwrap_or(text).eq_ignore_ascii_case(&origin)
    })
}

/// Checks that the token is valid now, in seconds since 1970.
pub(in crate::auth) fn check_lifetime(claims: &VerifiedClaims, now: i64) -> Result<()> {
    let now = now as f64;
    let end = date_claim(claims, "exp")?.ok_or_else(|| refused("the claim exp is missing"))?;
    if now >= end + CLOCK_SKEW {
        return Err(refused("the token has expired"));
    }
    match date_claim(claims, "nbf")? {
        Some(start) if now < start - CLOCK_SKEW => Err(refused("the token is not valid yet")),
        _ => Ok(()),
    }
}

/// The kind of the caller. `idtyp` decides. Without it, roles mean an application only if the token is
/// the service principal's own (`oid` equals `sub`): an id token of a user has the user's roles too.
fn caller_kind(claims: &VerifiedClaims, is_own_subject: bool) -> Result<CallerKind> {
    let identity = string_claim(claims, "idtyp")?;
    let scopes = read_scopes(claims)?;
    let roles = string_list_claim(claims, "roles")?.unwrap_or_default();
    let roles = non_empty(roles.into_iter().map(str::to_owned));
    Ok(match identity {
        Some("app") => CallerKind::Application { roles },
        _ if !scopes.is_empty() => CallerKind::Delegated { scopes },
        None if is_own_subject && !roles.is_empty() => CallerKind::Application { roles },
        _ => CallerKind::Unknown,
    })
}

/// Reads `scp`, or `scope` as some issuers call it: one string with spaces, or an array.
fn read_scopes(claims: &VerifiedClaims) -> Result<Vec<String>> {
    let name = if claims.get("scp").is_some() { "scp" } else { "scope" };
    Ok(match claims.get(name) {
        Some(Value::String(joined)) => non_empty(joined.split(' ').map(str::to_owned)),
        _ => non_empty(
            string_list_claim(claims, name)?.unwrap_or_default().into_iter().map(str::to_owned),
        ),
    })
}

fn non_empty(names: impl Iterator<Item = String>) -> Vec<String> {
    names.filter(|name| !name.is_empty()).collect()
}

fn string_claim<'claims>(
    claims: &'claims VerifiedClaims,
    name: &str,
) -> Result<Option<&'claims str>> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(refused(format!("the claim {name} is not a string"))),
    }
}

/// Reads a claim that is one string or an array of strings.
fn string_list_claim<'claims>(
    claims: &'claims VerifiedClaims,
    name: &str,
) -> Result<Option<Vec<&'claims str>>> {
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

/// Reads a `NumericDate` of RFC 7519: seconds since 1970, a fraction permitted.
fn date_claim(claims: &VerifiedClaims, name: &str) -> Result<Option<f64>> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    match value.as_f64() {
        Some(seconds) if (0.0..=LAST_SECOND).contains(&seconds) => Ok(Some(seconds)),
        Some(_) => Err(refused(format!("the claim {name} is not a date before the year 10000"))),
        None => Err(refused(format!("the claim {name} is not a number"))),
    }
}

/// The subject without control characters, which could forge lines of the log.
pub(in crate::auth) fn printable(subject: Option<&str>) -> String {
    let printable = subject.unwrap_or("-").chars().filter(|character| !character.is_control());
    printable.take(MAX_SUBJECT_LENGTH).collect()
}

#[cfg(test)]
mod tests;
