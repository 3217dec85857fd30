//! The grant `device_code`: a device polls until the user has decided in a browser.

use serde_json::Value as Json;

use super::super::opaque::Opaque;
use super::TokenRequest;
use super::refresh_token::FirstRefreshToken;
use super::scope::Scope;
use super::user_tokens::{SignedIn, user_tokens};
use crate::directory::DeviceCode;
use crate::error::{Result, SignInReason};

/// The reply to a device. Clients send its code by one of two names, or by both.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<Json> {
    let TokenRequest { sign_in, form, client, .. } = request;
    let tenant = request.tenant;
    let code = match form.get("device_code")? {
        Some(code) => code,
        None => form.get("code")?.ok_or(SignInReason::ParameterMissing { name: "device_code" })?,
    };
    let id = Opaque::id_of(code);
    let code = sign_in.directory.device_code(tenant, &id).await?;
    let is_own =
        |code: &DeviceCode| code.application == client.application.id && code.tid == tenant.id;
    let unknown = || SignInReason::DeviceCodeUnknown;
    let code = code.filter(|code| is_own(code) && !code.is_used).ok_or_else(unknown)?;
    if code.is_expired {
        return Err(SignInReason::DeviceCodeExpired.into());
    }
    if code.is_declined {
        return Err(SignInReason::AuthorizationDeclined.into());
    }
    let user = code.user.ok_or(SignInReason::AuthorizationPending)?;
    let text = form.get("scope")?.unwrap_or(&code.scope);
    let scope = Scope::parse(text, &request.request.base)?;
    let user = sign_in.directory.user(tenant, user).await?.ok_or_else(unknown)?;
    let signed_in = SignedIn { user: &user, scope: &scope, nonce: None, auth_time: None };
    let mut tokens = user_tokens(request, &signed_in)?;
    let refresh_token = FirstRefreshToken::new(request, &scope)?;
    if !sign_in.directory.redeem_device_code(tenant, &id, &refresh_token.stored(text)).await? {
        return Err(SignInReason::DeviceCodeUnknown.into());
    }
    refresh_token.add_to(&mut tokens);
    Ok(tokens)
}
