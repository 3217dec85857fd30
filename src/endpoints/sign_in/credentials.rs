//! The name and the password that a user types on a page.

use super::form::Form;
use super::page::Field;
use super::token::check_password;
use crate::directory::{BrowserSession, Tenant, User};
use crate::error::{Error, Result, Row, SignInReason};
use crate::message::Request;
use crate::service::SignIn;

/// Checks name and password. The inner error is what the page shows.
pub(super) async fn check(
    sign_in: &SignIn,
    request: &Request,
    tenant: Tenant,
    form: &Form,
) -> Result<std::result::Result<User, Row>> {
    let [name, password] = [form.get("username")?, form.get("password")?];
    let name = name.unwrap_or_default().trim();
    let password = password.unwrap_or_default();
    match check_password(sign_in, request, tenant, name, password).await {
        Ok(user) => Ok(Ok(user)),
        Err(Error::SignIn(reason)) => Ok(Err(shown(*reason).row())),
        Err(error) => Err(error),
    }
}

/// The fields for the name and the password. `hint`: the name that the client expects.
pub(super) fn fields<'a>(form: &'a Form, hint: Option<&'a str>) -> Vec<Field<'a>> {
    let typed = form.get("username").ok().flatten();
    let value = typed.or(hint).unwrap_or_default();
    let (kind, autocomplete) = ("text", "username");
    let username = Field { name: "username", label: "User name", kind, autocomplete, value };
    let (kind, autocomplete) = ("password", "current-password");
    let password = Field { name: "password", label: "Password", kind, autocomplete, value: "" };
    vec![username, password]
}

/// The label of the button that goes on with a session.
pub(super) fn continue_as(session: &BrowserSession) -> String {
    let user = &session.user;
    format!("Continue as {} ({})", user.display_name, user.user_principal_name)
}

/// A page does not reveal whether a user exists.
fn shown(reason: SignInReason) -> Error {
    match reason {
        SignInReason::UserUnknown { .. } => SignInReason::PasswordWrong.into(),
        reason => reason.into(),
    }
}
