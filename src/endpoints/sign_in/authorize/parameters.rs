//! The parameters of a request to authorize, from the client or from the form of a page.

use super::super::browser::FORM_TOKEN;
use super::super::form::Form;
use super::super::token::Scope;
use super::answer::Answer;
use crate::error::{Result, SignInReason};
use crate::message::Request;

/// The length of a SHA-256 in base64url, in characters.
const CHALLENGE_LENGTH: usize = 43;

/// The parameters that are copied into the form of a page. Others are ignored.
const KEPT: [&str; 13] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
    "max_age",
    "client_info",
];

/// What a client asks for.
pub(super) struct Authorization<'a> {
    pub(super) form: &'a Form,
    pub(super) scope: &'a str,
    pub(super) nonce: Option<&'a str>,
    pub(super) code_challenge: Option<&'a str>,
    pub(super) prompt: Prompt,
    pub(super) login_hint: Option<&'a str>,
    /// The maximum age of the sign-in, in seconds.
    pub(super) max_age: Option<i64>,
    pub(super) has_client_info: bool,
}

/// Which page the client wants the user to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// The page that is necessary, if any.
    Absent,
    /// No page.
    None,
    /// The page where the user signs in.
    Login,
    /// A page where the user chooses or confirms the account.
    SelectAccount,
}

/// What a user does on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Sends the name and the password.
    SignIn,
    /// Goes on with the account of the session.
    Continue,
    /// Wants another account.
    Other,
    Cancel,
}

impl<'a> Authorization<'a> {
    /// Reads the parameters of a known client.
    pub(super) fn read(request: &Request, form: &'a Form, answer: &Answer) -> Result<Self> {
        check_response(form)?;
        let application = &answer.application;
        if !application.grant_types.iter().any(|grant| grant == "authorization_code") {
            let (application, grant) = (application.id.to_string(), "authorization_code");
            return Err(SignInReason::GrantNotAllowed { application, grant }.into());
        }
        let scope = form.require("scope")?;
        Scope::parse(scope, &request.base)?.granted(application)?;
        let code_challenge = read_challenge(form)?;
        if code_challenge.is_none() && answer.needs_challenge {
            return Err(SignInReason::ChallengeMissing.into());
        }
        form.get("state")?;
        Ok(Self {
            form,
            scope,
            nonce: form.get("nonce")?,
            code_challenge,
            prompt: read_prompt(form)?,
            login_hint: form.get("login_hint")?,
            max_age: read_max_age(form)?,
            has_client_info: form.get("client_info")? == Some("1"),
        })
    }

    /// The button that the user pressed. `None` if the request comes from the client. A form that a
    /// script or a password manager sends has no button: it signs the user in.
    pub(super) fn action(&self) -> Result<Option<Action>> {
        let is_form = self.form.get(FORM_TOKEN)?.is_some();
        let action = match self.form.get("action")? {
            Some("sign_in") => Action::SignIn,
            Some("continue") => Action::Continue,
            Some("other") => Action::Other,
            Some("cancel") => Action::Cancel,
            None if is_form => Action::SignIn,
            Some(_) if is_form => {
                return Err(invalid("action", "it must be sign_in, continue, other or cancel"));
            }
            _ => return Ok(None),
        };
        Ok(Some(action))
    }

    /// The parameters of the client, for the form of a page.
    pub(super) fn kept(&self) -> Vec<(&'static str, &'a str)> {
        let value = |name| Some((name, self.form.get(name).ok()??));
        KEPT.into_iter().filter_map(value).collect()
    }
}

fn check_response(form: &Form) -> Result<()> {
    let response_type = form.require("response_type")?;
    if response_type != "code" {
        let response_type = response_type.to_owned();
        return Err(SignInReason::ResponseTypeUnsupported { response_type }.into());
    }
    match form.get("response_mode")? {
        None | Some("query" | "fragment" | "form_post") => Ok(()),
        Some(_) => Err(invalid("response_mode", "it must be query, fragment or form_post")),
    }
}

/// The challenge of PKCE (RFC 7636). The method `plain` is refused: it sends the verifier itself.
fn read_challenge(form: &Form) -> Result<Option<&str>> {
    let (challenge, method) = (form.get("code_challenge")?, form.get("code_challenge_method")?);
    let Some(challenge) = challenge else { return Ok(None) };
    if method != Some("S256") {
        return Err(invalid("code_challenge_method", "it must be S256"));
    }
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    match challenge.len() == CHALLENGE_LENGTH && challenge.bytes().all(is_base64url) {
        true => Ok(Some(challenge)),
        false => Err(invalid("code_challenge", "it must be a SHA-256 in base64url")),
    }
}

/// The value of `prompt`. Applications need no consent of users, and users cannot register themselves. So
/// `consent` asks the user to confirm the account, and `create` to sign in.
fn read_prompt(form: &Form) -> Result<Prompt> {
    match form.get("prompt")? {
        None => Ok(Prompt::Absent),
        Some("none") => Ok(Prompt::None),
        Some("login" | "create") => Ok(Prompt::Login),
        Some("select_account" | "consent") => Ok(Prompt::SelectAccount),
        Some(_) => {
            Err(invalid("prompt", "it must be none, login, select_account, consent or create"))
        }
    }
}

fn read_max_age(form: &Form) -> Result<Option<i64>> {
    let Some(text) = form.get("max_age")? else { return Ok(None) };
    let seconds = text.parse::<u32>().ok().map(i64::from);
    seconds.map(Some).ok_or_else(|| invalid("max_age", "it must be a number of seconds"))
}

fn invalid(name: &'static str, expected: &'static str) -> crate::error::Error {
    SignInReason::ParameterInvalid { name, expected }.into()
}
