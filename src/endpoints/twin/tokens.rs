//! Tokens of a tenant, at the time of its clock; also spoilt ones, with which a client sees how it is
//! refused.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Call, reply};
use crate::auth::{Spoil, TokenError, TokenRequest};
use crate::error::{Error, Result, TwinReason};
use crate::message::Response;
use crate::model::permission;
use crate::odata::Json;
use crate::twin::Tenant;
use crate::twin::limits::{DEFAULT_TIME_TO_LIVE, MAX_TIME_TO_LIVE};
use crate::twin::members::Members;

/// The tokens that a new tenant comes with.
#[derive(Serialize)]
pub(super) struct Tokens {
    user: String,
    reader: String,
    application: String,
}

#[derive(Serialize)]
struct Shown {
    token: String,
}

/// The tokens of a user who may do everything, of one who may read, and of an application. Three signatures
/// take most of a millisecond, in which this thread answers others.
pub(super) async fn of_new(
    call: &Call<'_>,
    tenant: &Tenant,
    expires_in: Duration,
) -> Result<Tokens> {
    let all = permission::ALL.map(str::to_owned).to_vec();
    let readable = all.iter().filter(|name| name.ends_with(".Read.All")).cloned().collect();
    let user = |scopes| TokenRequest { scopes, expires_in, ..empty(tenant.id) };
    let application =
        TokenRequest { roles: all.clone(), application: true, expires_in, ..empty(tenant.id) };
    let requests = [user(all), user(readable), application];
    let (issuer, now) = (Arc::clone(&call.twin.issuer), tenant.now());
    let signed = tokio::task::spawn_blocking(move || {
        requests.map(|request| issuer.tenant_token(&request, now, None))
    });
    let signed = signed.await.map_err(|error| Error::Internal(error.to_string()))?;
    let [user, reader, application] = signed.map(checked);
    Ok(Tokens { user: user?, reader: reader?, application: application? })
}

/// Makes a token.
pub(super) fn create(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    let mut members = call.members()?;
    let (request, spoil) = read(&mut members, tenant.id)?;
    members.end()?;
    reply::json(201, &Shown { token: sign(call, &request, tenant.now(), spoil)? })
}

fn read(members: &mut Members, tenant: Uuid) -> Result<(TokenRequest, Option<Spoil>)> {
    let user = members.text("user")?;
    let client =
        members.value("application", "a client id, which is a GUID", |json| match json {
            Json::String(text) => Uuid::try_parse(text).ok(),
            _ => None,
        })?;
    let (scopes, roles) = (members.texts("scopes")?, members.texts("roles")?);
    let place = members.place("expires");
    let expires_in = members.duration("expires")?.unwrap_or(DEFAULT_TIME_TO_LIVE);
    if expires_in > MAX_TIME_TO_LIVE {
        let found = format!("{} s", expires_in.as_secs());
        let expected = format!("at most {} s", MAX_TIME_TO_LIVE.as_secs());
        return Err(TwinReason::Member { name: place, found, expected }.into());
    }
    let spoil = members.word("spoil", &Spoil::ALL)?;
    // Roles without scopes and without a user are those of an application.
    let application = roles.is_some() && scopes.is_none() && user.is_none();
    let scopes = match (scopes, application) {
        (Some(scopes), _) => scopes,
        (None, true) => Vec::new(),
        (None, false) => permission::ALL.map(str::to_owned).to_vec(),
    };
    let roles = roles.unwrap_or_default();
    let request = TokenRequest { tenant, user, scopes, roles, application, client, expires_in };
    Ok((request, spoil))
}

fn empty(tenant: Uuid) -> TokenRequest {
    TokenRequest {
        tenant,
        user: None,
        scopes: Vec::new(),
        roles: Vec::new(),
        application: false,
        client: None,
        expires_in: DEFAULT_TIME_TO_LIVE,
    }
}

/// Signs a token at a time of the tenant's clock.
pub(super) fn sign(
    call: &Call<'_>,
    request: &TokenRequest,
    now: DateTime<Utc>,
    spoil: Option<Spoil>,
) -> Result<String> {
    checked(call.twin.issuer.tenant_token(request, now, spoil))
}

fn checked(signed: std::result::Result<String, TokenError>) -> Result<String> {
    match signed {
        Ok(token) => Ok(token),
        Err(TokenError::TooLong) => Err(TwinReason::Member {
            name: "expires".into(),
            found: "after the end of the calendar".into(),
            expected: "before the year 10000".into(),
        }
        .into()),
        Err(error) => Err(Error::Internal(error.to_string())),
    }
}
