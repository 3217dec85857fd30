//! The grant `client_credentials`: an application gets a token of its own, with its permissions as
//! roles.

use serde_json::{Value as Json, json};

use super::TokenRequest;
use super::scope::Scope;
use crate::auth::{AccessToken, TOKEN_LIFETIME, TokenSubject};
use crate::error::{Error, Result, SignInReason};

/// The reply to an application: no refresh token, and no scope.
pub(super) fn tokens(request: &TokenRequest<'_>) -> Result<Json> {
    let TokenRequest { sign_in, form, tenant, client, .. } = request;
    if tenant.is_common {
        return Err(SignInReason::TenantMissing.into());
    }
    if !client.is_confidential() {
        return Err(SignInReason::CredentialMissing.into());
    }
    let text = form.require("scope")?;
    let scope = Scope::parse(text, &request.request.base)?;
    if !scope.is_default {
        return Err(SignInReason::ScopeNotDefault { scope: text.into() }.into());
    }
    let application = &client.application;
    let (object_id, roles) = (application.object_id, &application.permissions[..]);
    let now = request.request.clock.now().timestamp();
    let access_token = AccessToken {
        audience: &scope.audience,
        tenant: tenant.id,
        client: client.of_tokens(),
        subject: TokenSubject::Application { object_id, roles },
    };
    let access_token = sign_in.issuer.access_token(&access_token, now);
    let access_token = access_token.map_err(|error| Error::Internal(error.to_string()))?;
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME,
        "ext_expires_in": TOKEN_LIFETIME,
        "access_token": access_token,
    }))
}
