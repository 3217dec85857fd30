//! The authorization endpoint: a user signs in on a page, and the client gets a code at its redirect URI.
//! `parameters` reads what the client asks for, `answer` sends the code or an error to the client, `pages`
//! has the pages.
//!
//! If the client or its redirect URI is unknown, the error is shown to the user and the browser is not
//! redirected: an open redirect helps phishing.

mod answer;
mod pages;
mod parameters;

use super::browser::Browser;
use super::form::Form;
use super::opaque::Opaque;
use super::target::Target;
use super::token::client_info;
use super::{credentials, find_tenant};
use crate::directory::{BrowserSession, NewCode, Tenant};
use crate::error::{Error, Result, SignInReason};
use crate::message::{Request, Response};
use crate::service::SignIn;

use answer::Answer;
use parameters::{Action, Authorization, Prompt};

/// The lifetime of a code, in seconds.
const CODE_LIFETIME: i64 = 300;

/// Answers a browser: the first request comes from a client, later ones are forms of the pages.
pub(super) async fn answer(
    sign_in: &SignIn,
    request: &Request,
    target: &Target,
    form: &Form,
) -> Result<Response> {
    let tenant = find_tenant(sign_in, target).await?;
    let answer = Answer::find(sign_in, request, tenant, form).await?;
    let mut browser = Browser::of(sign_in, request, tenant).await?;
    let replied = match Authorization::read(request, form, &answer) {
        Ok(authorization) => {
            let flow = Flow { sign_in, request, tenant, answer: &answer, authorization };
            flow.reply(&mut browser).await
        }
        Err(error) => Err(error),
    };
    match replied {
        Ok(response) => Ok(browser.reply(response)),
        Err(Error::SignIn(reason)) => Ok(browser.reply(answer.error(*reason))),
        Err(error) => Err(error),
    }
}

/// A request to authorize with valid parameters.
struct Flow<'a> {
    sign_in: &'a SignIn,
    request: &'a Request,
    tenant: Tenant,
    answer: &'a Answer,
    authorization: Authorization<'a>,
}

impl Flow<'_> {
    async fn reply(&self, browser: &mut Browser<'_>) -> Result<Response> {
        let Some(action) = self.authorization.action()? else { return self.begin(browser).await };
        if !browser.sent(self.request, self.authorization.form)? {
            let text = "This page has expired, or the browser blocks cookies. Sign in again.";
            return Ok(self.sign_in_page(browser, 400, Some(text.into())));
        }
        match action {
            Action::SignIn => self.check_password(browser).await,
            Action::Continue => match browser.session.as_ref().filter(|it| self.is_fresh(it)) {
                Some(session) => self.code(session).await,
                None => Ok(self.sign_in_page(browser, 200, None)),
            },
            Action::Other => Ok(self.sign_in_page(browser, 200, None)),
            Action::Cancel => Err(SignInReason::UserCancelled.into()),
        }
    }

    /// The page or the redirect that the client's `prompt` asks for.
    async fn begin(&self, browser: &Browser<'_>) -> Result<Response> {
        let session = browser.session.as_ref();
        let usable = session.filter(|it| self.is_fresh(it) && self.is_expected(it));
        match (self.authorization.prompt, usable, session) {
            (Prompt::Absent | Prompt::None, Some(session), _) => self.code(session).await,
            (Prompt::None, None, _) => Err(SignInReason::LoginRequired.into()),
            (Prompt::SelectAccount, _, Some(session)) => Ok(self.account_page(browser, session)),
            (Prompt::Absent | Prompt::Login | Prompt::SelectAccount, ..) => {
                Ok(self.sign_in_page(browser, 200, None))
            }
        }
    }

    /// Whether the sign-in is recent enough for the client's `max_age`.
    fn is_fresh(&self, session: &BrowserSession) -> bool {
        // The clock of the database may be ahead.
        let age = (self.request.clock.now().timestamp() - session.auth_time).max(0);
        self.authorization.max_age.is_none_or(|max| age < max)
    }

    /// Whether the session belongs to the user in the client's `login_hint`.
    fn is_expected(&self, session: &BrowserSession) -> bool {
        let name = &session.user.user_principal_name;
        self.authorization.login_hint.is_none_or(|hint| hint.eq_ignore_ascii_case(name))
    }

    async fn check_password(&self, browser: &mut Browser<'_>) -> Result<Response> {
        let form = self.authorization.form;
        match credentials::check(self.sign_in, self.request, self.tenant, form).await? {
            Ok(user) => {
                let session = browser.sign_in(user).await?.clone();
                self.code(&session).await
            }
            Err(row) => Ok(self.sign_in_page(browser, row.status, Some(row.message))),
        }
    }

    /// Sends a code for the user to the client.
    async fn code(&self, session: &BrowserSession) -> Result<Response> {
        let (code, wish) = (Opaque::new()?, &self.authorization);
        let new = NewCode {
            id: &code.id,
            tid: self.tenant.id,
            application: self.answer.application.id,
            user: session.user.id,
            redirect_uri: &self.answer.redirect.text,
            scope: wish.scope,
            nonce: wish.nonce,
            code_challenge: wish.code_challenge,
            auth_time: session.auth_time,
            has_max_age: wish.max_age.is_some(),
            lifetime: CODE_LIFETIME,
        };
        self.sign_in.directory.add_code(self.tenant, &new).await?;
        let client_info =
            wish.has_client_info.then(|| client_info(session.user.id, self.tenant.id));
        Ok(self.answer.code(code.value, client_info))
    }
}
