//! The browser of a request: its session, and the proof that a form comes from a page of this server.
//!
//! Both are cookies with the prefix `__Host-`: a browser accepts them only from this host, and only over
//! TLS or on localhost. Each sign-in sets a new session cookie, so an attacker cannot plant one.

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::form::Form;
use super::opaque::Opaque;
use crate::directory::{BrowserSession, Tenant, User};
use crate::error::Result;
use crate::message::{Request, Response};
use crate::service::SignIn;

/// The field of each form that must have the value of the cookie `FORM_COOKIE`. A page of another site can
/// neither read nor set the cookie.
pub(super) const FORM_TOKEN: &str = "form_token";
const FORM_COOKIE: &str = "__Host-runstate-form";
/// The lifetime of a session, in seconds: a day.
const SESSION_LIFETIME: i64 = 86_400;

/// The browser of a request, in a tenant.
pub(super) struct Browser<'a> {
    sign_in: &'a SignIn,
    tenant: Tenant,
    /// The value of each form's [`FORM_TOKEN`].
    pub(super) form_token: String,
    /// The SHA-256 of the session's cookie; of an empty text if there is none.
    id: Vec<u8>,
    pub(super) session: Option<BrowserSession>,
    /// The cookie to set.
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    pub(super) async fn of(
        sign_in: &'a SignIn,
        request: &Request,
        tenant: Tenant,
    ) -> Result<Browser<'a>> {
        let of_session = cookie(request, &session_cookie(tenant));
        let id = Opaque::id_of(of_session.unwrap_or_default());
        let session = match of_session {
            Some(_) => sign_in.directory.session(tenant, &id).await?,
            None => None,
        };
        let (form_token, cookie) = match cookie(request, FORM_COOKIE) {
            Some(value) => (value.to_owned(), None),
            None => {
                let new = Opaque::new()?.value;
                let cookie = set(FORM_COOKIE, &new);
                (new, Some(cookie))
            }
        };
        Ok(Self { sign_in, tenant, form_token, id, session, cookie })
    }

    /// Whether a form comes from a page that this server sent to this browser. Another port of the same
    /// host can set the cookie, but not the header `Sec-Fetch-Site`.
    pub(super) fn sent(&self, request: &Request, form: &Form) -> Result<bool> {
        if request.headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
            return Ok(false);
        }
        let given = form.get(FORM_TOKEN)?.unwrap_or_default();
        let is_known = self.cookie.is_none();
        let own = self.form_token.as_bytes();
        Ok(is_known && verify_slices_are_equal(given.as_bytes(), own).is_ok())
    }

    /// Begins a session, in place of the one before.
    pub(super) async fn sign_in(&mut self, user: User) -> Result<&BrowserSession> {
        let new = Opaque::new()?;
        let ids = [&new.id[..], &self.id[..]];
        let session = self.sign_in.directory.add_session(self.tenant, ids, user, SESSION_LIFETIME);
        let session = session.await?;
        self.cookie = Some(set(&session_cookie(self.tenant), &new.value));
        self.id = new.id;
        Ok(self.session.insert(session))
    }

    /// Ends the session.
    pub(super) async fn sign_out(&mut self) -> Result<()> {
        self.sign_in.directory.remove_session(self.tenant, &self.id).await?;
        self.cookie = Some(format!("{}; Max-Age=0", set(&session_cookie(self.tenant), "")));
        self.session = None;
        Ok(())
    }

    /// The reply with the cookie, if there is one to set.
    pub(super) fn reply(self, mut response: Response) -> Response {
        response.headers.extend(self.cookie.map(|cookie| ("Set-Cookie".into(), cookie)));
        response
    }
}

/// Users belong to the home tenant, whichever tenant the tokens are for.
fn session_cookie(tenant: Tenant) -> String {
    format!("__Host-runstate-session-{}", tenant.home.simple())
}

/// `Lax`: the browser sends the cookie when the user follows a link from another site, but not with a form
/// of another site.
fn set(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// The value of a cookie that the browser sent. One without a value counts as missing.
fn cookie<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let pairs = request.headers.all("cookie").flat_map(|header| header.split(';'));
    let mut values = pairs.filter_map(|pair| {
        let (own, value) = pair.trim().split_once('=')?;
        (own == name && !value.is_empty()).then_some(value)
    });
    values.next()
}
