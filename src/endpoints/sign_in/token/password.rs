//! The grant `password`: an application sends the name and the password of a user. Only for
//! applications that are allowed to, such as tests.

use chrono::Utc;
use serde_json::Value as Json;

use super::TokenRequest;
use super::scope::Scope;
use super::user_tokens::{SignedIn, user_tokens};
use crate::directory::{Tenant, User};
use crate::error::{Result, SignInReason};
use crate::message::Request;
use crate::service::SignIn;

/// The reply to an application that knows a user's password.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<Json> {
    let form = request.form;
    let scope = Scope::parse(form.require("scope")?, &request.request.base)?;
    let (name, password) = (form.require("username")?, form.require("password")?);
    let user = check_password(request.sign_in, request.request, request.tenant, name, password);
    let user = user.await?;
    let auth_time = form.get("max_age")?.map(|_| Utc::now().timestamp());
    user_tokens(request, &SignedIn { user: &user, scope: &scope, nonce: None, auth_time })
}

/// Checks the password of a user. Failures are limited by user and by address.
pub(in crate::endpoints::sign_in) async fn check_password(
    sign_in: &SignIn,
    request: &Request,
    tenant: Tenant,
    name: &str,
    password: &str,
) -> Result<User> {
    let Some(user) = sign_in.directory.user_by_name(tenant, name).await? else {
        // Counts for the address: whoever tries many names fails as often.
        drop(sign_in.failed.begin(None, request.address).ok_or(SignInReason::Blocked)?);
        let (user, tenant) = (name.to_owned(), tenant.id.to_string());
        return Err(SignInReason::UserUnknown { user, tenant }.into());
    };
    let attempt = sign_in.failed.begin(Some(user.id), request.address);
    let attempt = attempt.ok_or(SignInReason::Blocked)?;
    if !sign_in.secrets.is_password(password, &user.password_hash).await? {
        return Err(SignInReason::PasswordWrong.into());
    }
    attempt.succeed();
    Ok(user)
}
