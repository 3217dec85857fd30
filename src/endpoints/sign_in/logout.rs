//! Ends the session of a browser. As with Entra, applications keep their refresh tokens.

use super::browser::Browser;
use super::form::Form;
use super::redirect_uri::RedirectUri;
use super::target::Target;
use super::{find_tenant, page, reply};
use crate::error::Result;
use crate::message::{Request, Response};
use crate::service::SignIn;

/// Ends the session. Then redirects to `post_logout_redirect_uri`, if any application of the tenant has
/// registered that address, or if it is the console's: most clients do not send their client id here.
pub(super) async fn answer(
    sign_in: &SignIn,
    request: &Request,
    target: &Target,
    form: &Form,
) -> Result<Response> {
    let tenant = find_tenant(sign_in, target).await?;
    let mut browser = Browser::of(sign_in, request, tenant).await?;
    browser.sign_out().await?;
    let redirect = match form.get("post_logout_redirect_uri")? {
        Some(uri) => {
            let mut registered = sign_in.directory.redirect_uris(tenant).await?;
            registered.push(RedirectUri::of_console(request));
            RedirectUri::find(uri, &registered)
        }
        None => None,
    };
    let response = match redirect {
        Some(uri) => {
            let state = form.get("state")?.map(|state| ("state", state.to_owned()));
            reply::redirect(&uri.with_query(state.as_slice()))
        }
        None => page::notice("You are signed out", "You may close this page."),
    };
    Ok(browser.reply(response))
}
