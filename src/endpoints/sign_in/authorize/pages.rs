//! The pages of the authorization endpoint: one where the user signs in, and one where the user confirms
//! the account.

use super::super::browser::{Browser, FORM_TOKEN};
use super::super::credentials;
use super::super::page::{Action, Page, PageForm};
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
        let form = PageForm {
            hidden: self.hidden(browser),
            fields: credentials::fields(self.authorization.form, self.authorization.login_hint),
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
                Action::new("continue", &credentials::continue_as(session)),
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
