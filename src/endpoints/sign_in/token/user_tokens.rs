//! The tokens of a user who has signed in, whichever grant it was by.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::TokenRequest;
use super::scope::Scope;
use crate::auth::{AccessToken, IdToken, TOKEN_LIFETIME, TokenSubject, TokenUser};
use crate::directory::User;
use crate::error::{Error, Result};

/// A user who has signed in.
pub(super) struct SignedIn<'a> {
    pub(super) user: &'a User,
    /// What the client asked for.
    pub(super) scope: &'a Scope,
    /// The `nonce` of the request to authorize.
    pub(super) nonce: Option<&'a str>,
    /// When the user typed the password, in seconds since 1970; only if the client sent `max_age`.
    pub(super) auth_time: Option<i64>,
}

/// The reply with the tokens of a user: an access token, and an id token if the scope has `openid`.
pub(super) fn user_tokens(request: &TokenRequest<'_>, signed_in: &SignedIn<'_>) -> Result<Json> {
    let TokenRequest { sign_in, form, tenant, client, .. } = request;
    let SignedIn { user, scope, nonce, auth_time } = signed_in;
    let granted = scope.granted(&client.application)?;
    let user = TokenUser {
        id: user.id,
        user_principal_name: &user.user_principal_name,
        display_name: &user.display_name,
    };
    let internal = |error: aws_lc_rs::error::Unspecified| Error::Internal(error.to_string());
    let now = request.request.clock.now().timestamp();
    let access_token = AccessToken {
        audience: &scope.audience,
        tenant: tenant.id,
        client: client.of_tokens(),
        subject: TokenSubject::User(user, &granted),
    };
    let access_token = sign_in.issuer.access_token(&access_token, now);
    let mut tokens = json!({
        "token_type": "Bearer",
        "scope": scope.of_reply(&granted),
        "expires_in": TOKEN_LIFETIME,
        "ext_expires_in": TOKEN_LIFETIME,
        "access_token": access_token.map_err(internal)?,
    });
    if scope.has("openid") {
        let id_token = IdToken {
            issuer: &format!("{}/{}/v2.0", request.request.base, tenant.id),
            tenant: tenant.id,
            client: client.application.id,
            user,
            nonce: *nonce,
            auth_time: *auth_time,
        };
        let id_token = sign_in.issuer.id_token(&id_token, now);
        tokens["id_token"] = id_token.map_err(internal)?.into();
    }
    if form.get("client_info")? == Some("1") {
        tokens["client_info"] = client_info(user.id, tenant.id).into();
    }
    Ok(tokens)
}

/// The ids by which MSAL knows an account: base64url without padding.
pub(in crate::endpoints::sign_in) fn client_info(user: Uuid, tenant: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "uid": user, "utid": tenant }).to_string())
}
