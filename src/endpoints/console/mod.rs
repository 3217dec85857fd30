//! The console: a web page and its files, for a browser that then uses the API like any other client.
//! It has no power of its own: it reads and changes what the token of its user permits. Knows no
//! tenant, no token and nothing of the API.

mod embedded;
mod settings;

use crate::auth::ConsoleClient;
use crate::error::Error;
use crate::message::{Body, Method, Request, Response};
use crate::service::Service;

/// The path of the console. Files are below it.
const PATH: &str = "/console";
/// The page.
const INDEX: &str = "index.html";
/// The settings of the page: where a user may sign in.
const SETTINGS: &str = "config.json";

/// The name of a file of the console, which may not exist; empty for the page, `None` for the path
/// without its last slash. `None` around it for all other paths.
#[expect(clippy::option_option, reason = "the path without a slash is one of the console's")]
pub(super) fn name(path: &str) -> Option<Option<&str>> {
    match path.strip_prefix(PATH)? {
        "" => Some(None),
        rest => rest.strip_prefix('/').map(Some),
    }
}

/// The reply to a request for a file.
pub(super) fn answer(
    service: &Service,
    clients: &[ConsoleClient],
    request: &Request,
    name: Option<&str>,
) -> Response {
    let reply = match name {
        _ if request.method != Method::Get => not_allowed(),
        None => moved(),
        Some(SETTINGS) => settings::document(service, clients, request),
        Some("") => file(request, INDEX),
        Some(name) => file(request, name),
    };
    with_policy(reply, &settings::origins(service, clients, request))
}

/// The file, or only its tag if the browser has it.
fn file(request: &Request, name: &str) -> Response {
    let Some(file) = embedded::file(name) else {
        return text(Error::NotFound.row().status, "There is no such file.");
    };
    let mut response = file.reply(&request.headers);
    response.headers.push(("Cache-Control".into(), "no-cache".into()));
    response
}

/// Leads to the page. The address is relative, so that it is right below any path of a proxy.
fn moved() -> Response {
    let headers = vec![("Location".into(), "console/".into())];
    Response { status: 308, headers, body: Body::empty() }
}

fn not_allowed() -> Response {
    let row = Error::MethodNotAllowed { allow: Method::Get.names().into() }.row();
    let mut response = text(row.status, "The console is only read.");
    response.headers.extend(row.headers.into_iter().map(|(name, value)| (name.into(), value)));
    response
}

fn text(status: u16, text: &'static str) -> Response {
    let content_type = ("Content-Type".into(), "text/plain; charset=utf-8".into());
    Response { status, headers: vec![content_type], body: text.into() }
}

/// Adds what a browser must know: the page runs its own files alone, no text becomes a script, and
/// requests go to this server and to the issuers.
fn with_policy(mut response: Response, origins: &[String]) -> Response {
    let origins: String = origins.iter().map(|origin| format!(" {origin}")).collect();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'{origins}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    );
    response.headers.push(("Content-Security-Policy".into(), policy));
    response.headers.push(("Cross-Origin-Opener-Policy".into(), "same-origin".into()));
    response.headers.push(("Referrer-Policy".into(), "no-referrer".into()));
    response
}
