//! Policies of retention: one request from its method to its reply. They are not part of Graph, but
//! read bodies, options and headers as Graph's resources do, and have the same errors.

mod body;
mod reply;

use uuid::Uuid;

use crate::auth::{self, Caller};
use crate::error::{Error, HeaderReason, Result};
use crate::headers::{self, Preferences, ReplyFormat, Wishes};
use crate::message::{Method, Request, Response};
use crate::model::permission::{Access, Profile};
use crate::odata::{Json, Options};
use crate::retention::{Address, Change, Policy};
use crate::service::Service;

/// The reply to a request for a policy. The policy has the method of the request.
pub(super) async fn answer(
    service: &Service,
    profile: Profile,
    caller: &Caller,
    request: &Request,
    address: &Address,
) -> Result<Response> {
    let is_read = request.method == Method::Get;
    let access = if is_read { Access::Get } else { Access::Write };
    let access = auth::permit_policy(profile, caller, request, access)?;
    let preferences = preferences(request)?;
    let holder = match address {
        Address::Tenant => None,
        Address::Script(id) => Some(id),
    };
    // The body is read before the script is looked up, as for every write.
    let policy = match request.method {
        Method::Patch | Method::Put => Some(policy(request)?),
        _ => None,
    };
    let holder: Option<Uuid> = holder.map(|id| id.ok_or(Error::NotFound)).transpose()?;
    let change = match (policy, holder) {
        _ if is_read => return reply::policy(&service.store.policy(&access, holder).await?),
        (Some(policy), None) => Change::Merge(policy),
        (Some(policy), Some(holder)) => Change::Replace(holder, policy),
        (None, holder) => Change::Remove(holder),
    };
    let in_force = service.store.change_policy(&access, change).await?;
    match change {
        Change::Remove(_) => Ok(reply::empty()),
        _ if preferences.minimal => Ok(reply::minimal()),
        _ => reply::policy(&in_force),
    }
}

/// What the headers prefer. What a policy does not support is refused by name.
fn preferences(request: &Request) -> Result<Preferences> {
    let options = Options::parse(&request.query)?;
    options.check(&["$format"])?;
    let wishes = Wishes::read(&request.headers, options.format.as_deref(), ReplyFormat::Json)?;
    let conditions = [("If-Match", &wishes.if_match), ("If-None-Match", &wishes.if_none_match)];
    if let Some((name, _)) = conditions.into_iter().find(|(_, tags)| tags.is_some()) {
        return Err(HeaderReason::Condition { name }.into());
    }
    match wishes.idempotency_key {
        Some(_) => Err(HeaderReason::IdempotencyKeyUnsupported.into()),
        None => Ok(wishes.preferences),
    }
}

fn policy(request: &Request) -> Result<Policy> {
    let text = headers::json_charset(&request.headers)?.decode(&request.body)?;
    Ok(body::read(Json::parse(&text)?)?)
}
