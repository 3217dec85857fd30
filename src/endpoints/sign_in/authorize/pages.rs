//! The pages of the authorization endpoint: one where the user signs in, and one where the user confirms
//! the account.

use super::super::browser::{Browser, FORM_TOKEN};
use super::super::page::{Action, Field, Page, PageForm};
use super::Flow;
use crate::directory::BrowserSession;
use crate::message::Response;

impl Flow<'_> {
    /// The page where the user types name and password.
    pub(super) fn sign_in_page(
        &self,
        browser: &Browser<'_>,
        status: u16,
        error: Option<String>,
    ) -> Response {
        let typed = self.authorization.form.get("username").ok().flatten();
        let name = typed.or(self.authorization.login_hint).unwrap_or_default();
        let form = PageForm {
            hidden: self.hidden(browser),
            fields: credential_fields(name),
            actions: vec![Action::new("sign_in", "Sign in"), Action::new("cancel", "Cancel")],
        };
        self.page(status, "Sign in", error, form)
    }

    /// The page where the user goes on with the account of the session, or chooses another one.
    pub(super) fn account_page(&self, browser: &Browser<'_>, session: &BrowserSession) -> Response {
        let form = PageForm {
            hidden: self.hidden(browser),
            fields: Vec::new(),
            actions: vec![
                Action::new("continue", &continue_as(session)),
                Action::new("other", "Use another account"),
                Action::new("cancel", "Cancel"),
            ],
        };
        self.page(200, "Choose an account", None, form)
    }

    fn hidden<'a>(&'a self, browser: &'a Browser<'_>) -> Vec<(&'a str, &'a str)> {
        let mut hidden: Vec<(&str, &str)> = self.authorization.kept();
        hidden.push((FORM_TOKEN, &browser.form_token));
        hidden
    }

    fn page(
        &self,
        status: u16,
        heading: &str,
        error: Option<String>,
        form: PageForm<'_>,
    ) -> Response {
        let text = Some(format!("to continue to {}", self.answer.application.name));
        let page = Page { status, heading, text, error, form: Some(form) };
        page.response(Some(&self.answer.redirect.source()))
    }
}

/// The fields for the name and the password of a user.
pub(in crate::endpoints::sign_in) fn credential_fields(name: &str) -> Vec<Field<'_>> {
    let (kind, autocomplete) = ("text", "username");
    let username = Field { name: "username", label: "User name", kind, autocomplete, value: name };
    let (kind, autocomplete) = ("password", "current-password");
    let password = Field { name: "password", label: "Password", kind, autocomplete, value: "" };
    vec![username, password]
}

/// The label of the button that goes on with a session.
pub(in crate::endpoints::sign_in) fn continue_as(session: &BrowserSession) -> String {
    let user = &session.user;
    format!("Continue as {} ({})", user.display_name, user.user_principal_name)
}
