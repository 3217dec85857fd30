//! What the client gets at its redirect URI: a code or an error, in the query, in the fragment or as a
//! form that the browser posts.

use super::super::form::Form;
use super::super::redirect_uri::RedirectUri;
use super::super::token::find_application;
use super::super::{page, reply};
use crate::auth::CONSOLE_CLIENT;
use crate::directory::{Application, Tenant};
use crate::error::{Error, Result, SignInReason};
use crate::message::{Request, Response};
use crate::service::SignIn;

/// A known client, and the way to answer it.
pub(super) struct Answer {
    pub(super) application: Application,
    pub(super) redirect: RedirectUri,
    /// Whether the client must use PKCE: a client at this redirect URI has no secret.
    pub(super) needs_challenge: bool,
    mode: Mode,
    state: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Query,
    Fragment,
    FormPost,
}

impl Answer {
    /// Finds the client of a request.
    ///
    /// # Errors
    /// If the client is unknown, or has not registered the redirect URI.
    pub(super) async fn find(
        sign_in: &SignIn,
        request: &Request,
        tenant: Tenant,
        form: &Form,
    ) -> Result<Self> {
        let application = find_application(sign_in, tenant, form.require("client_id")?).await?;
        let requested = form.require("redirect_uri")?;
        let Application { web_redirect_uris, spa_redirect_uris, public_redirect_uris, .. } =
            &application;
        let of_web = RedirectUri::find(requested, web_redirect_uris);
        let needs_challenge = of_web.is_none();
        let console = (application.id == CONSOLE_CLIENT).then(|| RedirectUri::of_console(request));
        let others = spa_redirect_uris.iter().chain(public_redirect_uris).chain(&console);
        let redirect = of_web.or_else(|| RedirectUri::find(requested, others));
        let Some(redirect) = redirect else {
            let (redirect, application) = (requested.to_owned(), application.id.to_string());
            return Err(SignInReason::RedirectUnknown { redirect, application }.into());
        };
        // If one of these is wrong, the client gets the error in the query.
        let given = |name| form.get(name).ok().flatten();
        let mode = match given("response_mode") {
            Some("fragment") => Mode::Fragment,
            Some("form_post") => Mode::FormPost,
            _ => Mode::Query,
        };
        let state = given("state").map(str::to_owned);
        Ok(Self { application, redirect, needs_challenge, mode, state })
    }

    /// Redirects to the client with a code.
    pub(super) fn code(&self, code: String, client_info: Option<String>) -> Response {
        let client_info = client_info.map(|info| ("client_info", info));
        self.respond([Some(("code", code)), client_info].into_iter().flatten().collect())
    }

    /// Redirects to the client with an error.
    pub(super) fn error(&self, reason: SignInReason) -> Response {
        let code = match &reason {
            SignInReason::ConsentMissing { .. } => "consent_required",
            _ => reason.code().0,
        };
        let description = Error::from(reason).row().message;
        self.respond(vec![("error", code.to_owned()), ("error_description", description)])
    }

    fn respond(&self, mut parameters: Vec<(&'static str, String)>) -> Response {
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        match self.mode {
            Mode::Query => reply::redirect(&self.redirect.with_query(&parameters)),
            Mode::Fragment => reply::redirect(&self.redirect.with_fragment(&parameters)),
            Mode::FormPost => {
                let address = self.redirect.with_query(&[]);
                page::post(&address, &self.redirect.source(), &parameters)
            }
        }
    }
}
