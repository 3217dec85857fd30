//! The page where a user types the code of a device, signs in, and confirms the application.
//!
//! The confirmation is never skipped: an attacker may have sent the code to the user.

use super::super::browser::{Browser, FORM_TOKEN};
use super::super::form::Form;
use super::super::page::{Action, Field, Page, PageForm, notice};
use super::super::target::Target;
use super::super::{credentials, find_tenant};
use super::user_code;
use crate::directory::{Application, BrowserSession, Tenant};
use crate::error::{Error, Result, SignInReason};
use crate::message::{Request, Response};
use crate::service::SignIn;

/// The parameter that has the user code.
const USER_CODE: &str = "user_code";

/// Answers a browser that opens the page or sends one of its forms.
pub(in crate::endpoints::sign_in) async fn answer(
    sign_in: &SignIn,
    request: &Request,
    target: &Target,
    form: &Form,
) -> Result<Response> {
    let tenant = find_tenant(sign_in, target).await?;
    let mut browser = Browser::of(sign_in, request, tenant).await?;
    let flow = Flow { sign_in, request, tenant, form };
    let response = flow.reply(&mut browser).await?;
    Ok(browser.reply(response))
}

struct Flow<'a> {
    sign_in: &'a SignIn,
    request: &'a Request,
    tenant: Tenant,
    form: &'a Form,
}

/// A code that waits for the user, and the application that waits for the code.
struct Waiting {
    user_code: String,
    application: Application,
}

impl Flow<'_> {
    async fn reply(&self, browser: &mut Browser<'_>) -> Result<Response> {
        let Some(action) = self.action()? else {
            return Ok(self.code_page(browser, None));
        };
        if !browser.sent(self.request, self.form)? {
            let text =
                "This page has expired, or the browser blocks cookies. Enter the code again.";
            return Ok(self.code_page(browser, Some(text)));
        }
        let Some(waiting) = self.find_waiting().await? else {
            let text = "There is no such code, or it has expired. Check the code on your device.";
            return Ok(self.code_page(browser, Some(text)));
        };
        match action {
            "sign_in" => self.check_password(browser, &waiting).await,
            "approve" => self.approve(browser, &waiting).await,
            "cancel" => self.decide(&waiting, None).await,
            "other" => Ok(self.sign_in_page(browser, &waiting, 200, None)),
            "next" => match &browser.session {
                Some(session) => Ok(self.confirm_page(browser, &waiting, session)),
                None => Ok(self.sign_in_page(browser, &waiting, 200, None)),
            },
            _ => {
                let expected = "it must be next, sign_in, approve, other or cancel";
                Err(SignInReason::ParameterInvalid { name: "action", expected }.into())
            }
        }
    }

    /// The button that the user pressed. A form that a script or a password manager sends has no
    /// button. It never counts as an approval.
    fn action(&self) -> Result<Option<&str>> {
        Ok(match self.form.get("action")? {
            None if self.form.get(FORM_TOKEN)?.is_none() => None,
            None if self.form.get("password")?.is_some() => Some("sign_in"),
            action => action.or(Some("next")),
        })
    }

    /// Finds the code that the user typed. Wrong codes count as failed sign-ins of the address.
    async fn find_waiting(&self) -> Result<Option<Waiting>> {
        let attempt = self.sign_in.failed.begin(None, self.request.address).await?;
        let user_code = user_code::read(self.form.get(USER_CODE)?.unwrap_or_default());
        let directory = &self.sign_in.directory;
        let found = directory.application_of_user_code(self.tenant, &user_code).await;
        let id = match found {
            Ok(Some(id)) => id,
            Ok(None) => return Ok(None),
            Err(error) => {
                // The database failed, not the client.
                attempt.cancel();
                return Err(error);
            }
        };
        attempt.succeed();
        let application = directory.application(self.tenant, id).await?;
        Ok(application.map(|application| Waiting { user_code, application }))
    }

    async fn check_password(
        &self,
        browser: &mut Browser<'_>,
        waiting: &Waiting,
    ) -> Result<Response> {
        match credentials::check(self.sign_in, self.request, self.tenant, self.form).await? {
            Ok(user) => {
                let session = browser.sign_in(user).await?.clone();
                Ok(self.confirm_page(browser, waiting, &session))
            }
            Err(row) => Ok(self.sign_in_page(browser, waiting, row.status, Some(row.message))),
        }
    }

    async fn approve(&self, browser: &Browser<'_>, waiting: &Waiting) -> Result<Response> {
        match &browser.session {
            Some(session) => self.decide(waiting, Some(session)).await,
            None => Ok(self.sign_in_page(browser, waiting, 200, None)),
        }
    }

    /// Approves the code for the user of a session, or declines it.
    async fn decide(
        &self,
        waiting: &Waiting,
        session: Option<&BrowserSession>,
    ) -> Result<Response> {
        let user = session.map(|session| session.user.id);
        let directory = &self.sign_in.directory;
        if !directory.decide_device_code(self.tenant, &waiting.user_code, user).await? {
            return Err(Error::from(SignInReason::DeviceCodeUnknown));
        }
        let name = &waiting.application.name;
        let (heading, text) = match session {
            Some(_) => ("You are signed in", format!("{name} goes on by itself.")),
            None => ("The sign-in was cancelled", format!("{name} was not signed in.")),
        };
        Ok(notice(heading, &format!("{text} You may close this page.")))
    }

    fn code_page(&self, browser: &Browser<'_>, error: Option<&str>) -> Response {
        let value = self.form.get(USER_CODE).ok().flatten().unwrap_or_default();
        let (label, kind, autocomplete) = ("Code", "text", "off");
        let form = PageForm {
            hidden: vec![(FORM_TOKEN, &browser.form_token)],
            fields: vec![Field { name: USER_CODE, label, kind, autocomplete, value }],
            actions: vec![Action::new("next", "Next")],
        };
        let status = if error.is_some() { 400 } else { 200 };
        let text = "Enter the code that your device or program shows.".to_owned();
        Page {
            status,
            heading: "Sign in on a device",
            text: Some(text),
            error: error.map(str::to_owned),
            form: Some(form),
        }
        .response(None)
    }

    fn sign_in_page(
        &self,
        browser: &Browser<'_>,
        waiting: &Waiting,
        status: u16,
        error: Option<String>,
    ) -> Response {
        let form = PageForm {
            hidden: hidden(browser, waiting),
            fields: credentials::fields(self.form, None),
            actions: vec![Action::new("sign_in", "Sign in"), Action::new("cancel", "Cancel")],
        };
        let text = Some(format!("to continue to {}", waiting.application.name));
        Page { status, heading: "Sign in", text, error, form: Some(form) }.response(None)
    }

    fn confirm_page(
        &self,
        browser: &Browser<'_>,
        waiting: &Waiting,
        session: &BrowserSession,
    ) -> Response {
        let form = PageForm {
            hidden: hidden(browser, waiting),
            fields: Vec::new(),
            actions: vec![
                Action::new("approve", &credentials::continue_as(session)),
                Action::new("other", "Use another account"),
                Action::new("cancel", "Cancel"),
            ],
        };
        let name = &waiting.application.name;
        let heading = format!("Sign in to {name}?");
        let text = format!(
            "{name} asks to act in your name on another device or in another program. Continue only if \
             you started this yourself: whoever sent you the code gets your access."
        );
        let text = Some(text);
        Page { status: 200, heading: &heading, text, error: None, form: Some(form) }.response(None)
    }
}

fn hidden<'a>(browser: &'a Browser<'_>, waiting: &'a Waiting) -> Vec<(&'a str, &'a str)> {
    vec![(FORM_TOKEN, &browser.form_token), (USER_CODE, &waiting.user_code)]
}
