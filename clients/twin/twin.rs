//! Tenants of Runstate's test twin, one for each test. Copy this file. It needs `reqwest` with `json`, `serde_json`
//! and `tokio` with `rt`. Names of members are those of Runstate's docs/reference/twin.md and twin-rules.md.

use std::{env, error::Error, thread};

use reqwest::{Client, Method};
use serde_json::Value;

/// An error says what the control API refused, or why it did not answer.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A server that runs with `--twin`, and the secret or token that controls it.
#[derive(Clone)]
pub struct Twin {
    pub url: String,
    pub secret: String,
}

impl Twin {
    /// The server of `RUNSTATE_TWIN_URL`, with the secret of `RUNSTATE_TWIN_SECRET`.
    pub fn from_env() -> Result<Self> {
        Ok(Self { url: env::var("RUNSTATE_TWIN_URL")?, secret: env::var("RUNSTATE_TWIN_SECRET")? })
    }

    /// Sends a request below `/twin/v1`; returns the JSON of the reply.
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let url = format!("{}/twin/v1{path}", self.url.trim_end_matches('/'));
        let request = Client::new().request(method, url).bearer_auth(&self.secret);
        let request = if body.is_null() { request } else { request.json(&body) };
        let reply = request.send().await?;
        let (status, text) = (reply.status(), reply.text().await?);
        match status.is_success() {
            true if text.is_empty() => Ok(Value::Null),
            true => Ok(serde_json::from_str(&text)?),
            false => Err(format!("{status}: {text}").into()),
        }
    }

    /// A new tenant, which is removed when the value is dropped.
    pub async fn tenant(&self, settings: Value) -> Result<Tenant> {
        let made = self.call(Method::POST, "/tenants", settings).await?;
        Ok(Tenant { twin: self.clone(), made })
    }
}

/// A tenant of the twin. `made` has `graph`, the URL of its Graph, and `tokens` for user, reader, application.
pub struct Tenant {
    twin: Twin,
    pub made: Value,
}

impl Tenant {
    /// Sends a request below the tenant: `POST` to `/rules`, `/tokens`, `/reset`, `/snapshots` and
    /// `/clock/advance`, `PUT` to `/clock` and `/throttle`, `GET` of `/requests` and `/contents`.
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        self.twin.call(method, &format!("{}{path}", self.path()), body).await
    }

    /// An error unless the client sent what the assertion says.
    pub async fn verify(&self, assertion: Value) -> Result<()> {
        let verdict = self.call(Method::POST, "/requests/verify", assertion).await?;
        (verdict["ok"] == true).then_some(()).ok_or_else(|| format!("{verdict:#}").into())
    }

    fn path(&self) -> String {
        format!("/tenants/{}", self.made["tenant"].as_str().unwrap_or_default())
    }
}

impl Drop for Tenant {
    /// `drop` cannot await, and no runtime starts inside of another one: a thread has one of its own. A
    /// tenant that is not removed here is removed after its `ttl`.
    fn drop(&mut self) {
        let (twin, path) = (self.twin.clone(), self.path());
        let removal = async move { twin.call(Method::DELETE, &path, Value::Null).await };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        thread::spawn(move || runtime?.block_on(removal)).join().ok();
    }
}
