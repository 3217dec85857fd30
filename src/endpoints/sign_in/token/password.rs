//! The grant `password`: an application sends the name and the password of a user. Only for
//! applications that are allowed to, such as tests.

use serde_json::Value as Json;

use super::TokenRequest;
use super::refresh_token::FirstRefreshToken;
use super::scope::Scope;
use super::user_tokens::{SignedIn, user_tokens};
use crate::auth::UNKNOWN_PASSWORD;
use crate::directory::{NewFamily, Tenant, User};
use crate::error::{Result, SignInReason};
use crate::message::Request;
use crate::service::SignIn;

/// The reply to an application that knows a user's password.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<Json> {
    let form = request.form;
    let text = form.require("scope")?;
    let scope = Scope::parse(text, &request.request.base)?;
    let (name, password) = (form.require("username")?, form.require("password")?);
    let user = check_password(request.sign_in, request.request, request.tenant, name, password);
    let user = user.await?;
    let auth_time = form.get("max_age")?.map(|_| request.request.clock.now().timestamp());
    let signed_in = SignedIn { user: &user, scope: &scope, nonce: None, auth_time };
    let mut tokens = user_tokens(request, &signed_in)?;
    let refresh_token = FirstRefreshToken::new(request, &scope)?;
    let (tenant, application) = (request.tenant, request.client.application.id);
    let family = NewFamily { tid: tenant.id, application, user: user.id };
    let stored = refresh_token.stored(text);
    if stored.id.is_some() {
        request.sign_in.directory.add_refresh_token(tenant, &family, &stored).await?;
    }
    refresh_token.add_to(&mut tokens);
    Ok(tokens)
}

/// Checks the password of a user. Failures are limited by user and by address.
pub(in crate::endpoints::sign_in) async fn check_password(
    sign_in: &SignIn,
    request: &Request,
    tenant: Tenant,
    name: &str,
    password: &str,
) -> Result<User> {
    let user = sign_in.directory.user_by_name(tenant, name).await?;
    // An unknown name counts for the address: whoever tries many names fails as often.
    let id = user.as_ref().map(|user| user.id);
    let attempt = sign_in.failed.begin(id, request.address).await?;
    let hash = user.as_ref().map_or(UNKNOWN_PASSWORD, |user| &user.password_hash);
    match (sign_in.secrets.is_password(password, hash).await, user) {
        (Ok(true), Some(user)) => {
            attempt.succeed();
            Ok(user)
        }
        (Ok(false), Some(_)) => Err(SignInReason::PasswordWrong.into()),
        (Ok(_), None) => {
            let (user, tenant) = (name.to_owned(), tenant.id.to_string());
            Err(SignInReason::UserUnknown { user, tenant }.into())
        }
        (Err(error), _) => {
            attempt.cancel();
            Err(error)
        }
    }
}
