//! The grant `refresh_token`: a client gets new tokens of a user who signed in before. Each use gives a
//! new refresh token. The old one stays valid for a short time, since several clients may share one cache.
//! If it is used later, one of the two users is an attacker, so the whole family is revoked (RFC 9700,
//! section 4.14).

use serde_json::Value as Json;

use super::super::opaque::Opaque;
use super::scope::Scope;
use super::user_tokens::{SignedIn, user_tokens};
use super::{GrantType, TokenRequest};
use crate::directory::{NewRefreshToken, RefreshToken};
use crate::error::{Result, SignInReason};

/// The lifetime of a refresh token, in seconds: 90 days, as Entra's.
const REFRESH_TOKEN_LIFETIME: i64 = 7_776_000;

/// The reply to a client that has a refresh token.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<Json> {
    let TokenRequest { sign_in, form, client, .. } = request;
    let tenant = request.tenant;
    let id = Opaque::id_of(form.require("refresh_token")?);
    let found = sign_in.directory.refresh_token(tenant, &id).await?;
    let is_own = |it: &RefreshToken| it.application == client.application.id && it.tid == tenant.id;
    let unknown = || SignInReason::GrantInvalid { name: "refresh_token" };
    let found = found.filter(is_own).ok_or_else(unknown)?;
    if found.is_replayed {
        sign_in.directory.revoke_family(tenant, found.family).await?;
    }
    if found.is_replayed || found.is_revoked || found.is_expired {
        return Err(SignInReason::RefreshTokenExpired.into());
    }
    let text = form.get("scope")?.unwrap_or(&found.scope);
    let scope = Scope::parse(text, &request.request.base)?;
    let user = sign_in.directory.user(tenant, found.user).await?.ok_or_else(unknown)?;
    let signed_in = SignedIn { user: &user, scope: &scope, nonce: None, auth_time: None };
    let mut tokens = user_tokens(request, &signed_in)?;
    let (next, lifetime) = (Opaque::new()?, REFRESH_TOKEN_LIFETIME);
    let replaced = sign_in.directory.replace_refresh_token(tenant, &id, &next.id, lifetime);
    if !replaced.await? {
        return Err(SignInReason::RefreshTokenExpired.into());
    }
    tokens["refresh_token"] = next.value.into();
    Ok(tokens)
}

/// The refresh token that a client gets with its first tokens, if it gets one.
pub(super) struct FirstRefreshToken(Option<Opaque>);

impl FirstRefreshToken {
    /// A refresh token for a client that asks for it, and that may use it.
    pub(super) fn new(request: &TokenRequest<'_>, scope: &Scope) -> Result<Self> {
        let grant = GrantType::RefreshToken.stored_name();
        let is_permitted = request.client.application.grant_types.iter().any(|own| own == grant);
        let is_given = is_permitted && scope.has("offline_access");
        Ok(Self(if is_given { Some(Opaque::new()?) } else { None }))
    }

    /// What the directory keeps; `scope`: what the client is granted.
    pub(super) fn stored<'a>(&'a self, scope: &'a str) -> NewRefreshToken<'a> {
        let id = self.0.as_ref().map(|token| &token.id[..]);
        NewRefreshToken { id, scope, lifetime: REFRESH_TOKEN_LIFETIME }
    }

    /// Adds the token to a reply.
    pub(super) fn add_to(self, tokens: &mut Json) {
        if let Some(token) = self.0 {
            tokens["refresh_token"] = token.value.into();
        }
    }
}
