//! The token of the simulation, which is renewed before it expires.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use rustls::ClientConfig;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::Failure;
use super::connection::{Connection, Target};

/// The permissions that client credentials ask for: all that the application has.
const SCOPE: &str = "https://graph.microsoft.com/.default";
/// How long a token is used at most. Those of a local issuer are made for longer.
const MOST_USE: Duration = Duration::from_secs(30 * 60);
/// A token is renewed so long before it expires.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// Where tokens come from.
pub enum Credentials {
    /// A token that cannot be renewed.
    Token(String),
    /// A function that makes a token, which is valid for an hour.
    Maker(Box<dyn Fn() -> Result<String, String>>),
    /// Client credentials of an application, by OAuth 2.0.
    Client {
        /// The URL of the issuer, without the tenant.
        authority: String,
        tenant: String,
        id: String,
        secret: String,
    },
}

/// The tokens of a simulation.
pub(super) struct Tokens {
    credentials: Credentials,
    tls: Arc<ClientConfig>,
    current: RefCell<Option<Current>>,
    /// Held while a token is fetched, so that one request does it.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Current {
    header: HeaderValue,
    renew_at: Instant,
}

/// The reply of a token endpoint.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

/// The error of a token endpoint.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Denied {
    error: String,
    error_description: String,
}

impl Tokens {
    pub(super) fn new(credentials: Credentials, tls: &Arc<ClientConfig>) -> Self {
        let tls = Arc::clone(tls);
        Self {
            credentials,
            tls,
            current: RefCell::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    /// The header `Authorization`.
    pub(super) async fn header(&self) -> Result<HeaderValue, Failure> {
        if let Some(header) = self.valid() {
            return Ok(header);
        }
        let _fetching = self.fetching.lock().await;
        if let Some(header) = self.valid() {
            return Ok(header);
        }
        let (token, lifetime) = match &self.credentials {
            Credentials::Token(token) => (token.clone(), Duration::MAX),
            Credentials::Maker(make) => (make().map_err(Failure::Refused)?, MOST_USE + MARGIN),
            Credentials::Client { .. } => self.fetch().await?,
        };
        let mut header = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| Failure::Refused("the token has characters that no header has".into()))?;
        header.set_sensitive(true);
        let use_for = lifetime.saturating_sub(MARGIN).min(MOST_USE).max(Duration::from_secs(1));
        let renew_at = Instant::now() + use_for;
        *self.current.borrow_mut() = Some(Current { header: header.clone(), renew_at });
        Ok(header)
    }

    /// Forgets a token that a server does not accept. `false` if no other can be had.
    pub(super) fn expire(&self, header: &HeaderValue) -> bool {
        let mut current = self.current.borrow_mut();
        if current.as_ref().is_some_and(|current| current.header == header) {
            *current = None;
        }
        !matches!(self.credentials, Credentials::Token(_))
    }

    fn valid(&self) -> Option<HeaderValue> {
        let current = self.current.borrow();
        let is_fixed = matches!(self.credentials, Credentials::Token(_));
        let current = current.as_ref().filter(|it| is_fixed || Instant::now() < it.renew_at)?;
        Some(current.header.clone())
    }

    async fn fetch(&self) -> Result<(String, Duration), Failure> {
        let Credentials::Client { authority, tenant, id, secret } = &self.credentials else {
            return Err(Failure::Refused("there are no client credentials".into()));
        };
        let fail =
            |problem: String| Failure::Refused(format!("{authority} gives no token: {problem}"));
        let target =
            Target::parse(authority, &self.tls).map_err(|error| fail(error.to_string()))?;
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", id)
            .append_pair("client_secret", secret)
            .append_pair("scope", SCOPE)
            .finish();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, form_type)]);
        let path = format!("/{tenant}/oauth2/v2.0/token");
        let mut connection = Connection::new(&Arc::new(target));
        let reply = connection.exchange("POST", &path, headers, Bytes::from(form)).await;
        let reply = reply.map_err(|error| fail(error.to_string()))?;
        match serde_json::from_slice::<Granted>(&reply.body) {
            Ok(granted) => Ok((granted.access_token, Duration::from_secs(granted.expires_in))),
            Err(_) => {
                let denied: Denied = serde_json::from_slice(&reply.body).unwrap_or_default();
                let line = denied.error_description.lines().next().unwrap_or_default();
                Err(fail(format!("{} {} {line}", reply.status, denied.error)))
            }
        }
    }
}
