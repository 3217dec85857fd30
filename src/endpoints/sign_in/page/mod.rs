//! The pages that a browser shows. The templates escape each value. A page loads nothing from
//! elsewhere, and its Content-Security-Policy forbids it. Does not know what the pages are for.

mod form;

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::error::Error;
use crate::message::{Body, Request, Response};
use crate::respond;

pub(super) use form::{Action, Field, PageForm};

/// One look with the console: its colours and type come first.
const STYLE: &str =
    concat!(include_str!("../../../../console/style/tokens.css"), include_str!("style.css"));
/// Submits the form of a page. Without scripts, the user presses the button.
const SUBMIT: &str = "document.forms[0].submit()";

static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| source_of(STYLE));
static SUBMIT_SOURCE: LazyLock<String> = LazyLock::new(|| source_of(SUBMIT));

/// A page with a form or without one.
pub(super) struct Page<'a> {
    pub(super) status: u16,
    pub(super) heading: &'a str,
    /// What the page says below its heading.
    pub(super) text: Option<String>,
    /// What went wrong with the form before.
    pub(super) error: Option<String>,
    pub(super) form: Option<PageForm<'a>>,
}

impl Page<'_> {
    /// The page as a reply. `redirect` is the origin to which the form may lead besides this server.
    pub(super) fn response(&self, redirect: Option<&str>) -> Response {
        let title = match self.error {
            Some(_) => format!("Error: {}", self.heading),
            None => self.heading.to_owned(),
        };
        let body = html! {
            h1 { (self.heading) }
            @if let Some(text) = &self.text { p { (text) } }
            @if let Some(error) = &self.error { p #error role="alert" { (error) } }
            @if let Some(form) = &self.form { (form.markup(self.error.is_some())) }
        };
        let target = format!("'self'{}", redirect.map(|it| format!(" {it}")).unwrap_or_default());
        response(self.status, &document(&title, &body), &policy(&target, None))
    }
}

/// A page without a form.
pub(super) fn notice(heading: &str, text: &str) -> Response {
    let text = Some(text.to_owned());
    Page { status: 200, heading, text, error: None, form: None }.response(None)
}

/// A page that posts fields to the address of a client, by script or by its button.
pub(super) fn post(address: &str, source: &str, fields: &[(&str, String)]) -> Response {
    let heading = "Signing in";
    let body = html! {
        h1 { (heading) }
        p { "If nothing happens, press Continue." }
        form method="post" action=(address) {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            div .actions { button .primary type="submit" { "Continue" } }
        }
        script { (PreEscaped(SUBMIT)) }
    };
    response(200, &document(heading, &body), &policy(source, Some(&SUBMIT_SOURCE)))
}

/// A page that says what is wrong with a request.
pub(super) fn error(request: &Request, error: &Error) -> Response {
    let row = error.row();
    if let Some(log) = &row.log {
        respond::write_log(request, row.status, log);
    }
    let heading = match row.status {
        500.. => "The server cannot answer now",
        _ => "The sign-in cannot go on",
    };
    let body = html! {
        h1 { (heading) }
        p #error role="alert" { (row.message) }
        p .small { "Request ID: " (request.id) }
    };
    let mut response = response(row.status, &document(heading, &body), &policy("'none'", None));
    response.headers.extend(row.headers.into_iter().map(|(name, value)| (name.into(), value)));
    response
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Runstate" }
                style { (PreEscaped(STYLE)) }
            }
            body { header .brand { (logo()) "Runstate" } main { (body) } }
        }
    }
}

/// The mark of the console.
fn logo() -> Markup {
    html! {
        svg width="22" height="16" viewBox="0 0 22 16" aria-hidden="true" {
            rect .success x="1" y="0" width="20" height="4" rx="2" {}
            rect .accent x="1" y="6" width="13" height="4" rx="2" {}
            rect .fail x="15.5" y="6" width="5.5" height="4" rx="2" {}
            rect .rest x="1" y="12" width="8" height="4" rx="2" {}
        }
    }
}

fn response(status: u16, document: &Markup, policy: &str) -> Response {
    let headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy),
        ("X-Frame-Options", "DENY"),
        // The addresses of pages and clients contain states and codes.
        ("Referrer-Policy", "no-referrer"),
    ];
    let headers = headers.map(|(name, value)| (name.into(), value.to_owned())).to_vec();
    Response { status, headers, body: Body::from(document.0.clone()) }
}

/// `target`: the sources for `form-action`. `script`: the source of the only script that may run.
fn policy(target: &str, script: Option<&str>) -> String {
    let style = &*STYLE_SOURCE;
    let script = script.map(|script| format!("; script-src {script}")).unwrap_or_default();
    format!(
        "default-src 'none'; style-src {style}{script}; form-action {target}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// The hash of a style or script, as a source of a Content-Security-Policy.
fn source_of(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}
