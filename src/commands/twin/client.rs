//! A client of the control API: sends a request, and returns the reply or its error.

use std::time::Duration;

use serde_json::Value as Json;
use ureq::{Agent, http};

use super::super::Failure;
use super::request::Request;
use crate::auth::LocalIssuer;
use crate::config::Settings;
use crate::loopback::reachable;

/// How long the server may take: a copy of a large tenant takes its time.
const REPLY_WITHIN: Duration = Duration::from_secs(150);
/// How long the token of a command is valid.
const TOKEN_FOR: Duration = Duration::from_secs(3600);

/// A client of a server's twin.
pub(super) struct Client {
    agent: Agent,
    /// The address of the server, without a slash at its end.
    pub(super) base: String,
    bearer: String,
}

impl Client {
    /// A client with the secret of the configuration, or with a token of the local issuer.
    pub(super) fn new(settings: &Settings, url: Option<&str>) -> Result<Self, Failure> {
        let base =
            url.map_or_else(|| format!("http://{}", reachable(settings.listen)), str::to_owned);
        let token = match &settings.twin.secret {
            Some(secret) => secret.clone(),
            None => LocalIssuer::open(&settings.data_dir)?.twin_token(TOKEN_FOR)?,
        };
        let config = Agent::config_builder()
            .timeout_global(Some(REPLY_WITHIN))
            .proxy(None)
            .http_status_as_error(false);
        Ok(Self {
            agent: config.build().new_agent(),
            base: base.trim_end_matches('/').to_owned(),
            bearer: format!("Bearer {token}"),
        })
    }

    /// Sends a request. Returns the JSON of the reply; null if it has none.
    pub(super) fn send(&self, request: &Request) -> Result<Json, Failure> {
        let Request { method, path, body } = request;
        let request = http::Request::builder()
            .method(*method)
            .uri(format!("{}/twin/v1{path}", self.base))
            .header("Authorization", &self.bearer)
            .header("Content-Type", "application/json")
            .body(body.as_ref().map(Json::to_string).unwrap_or_default())?;
        let mut reply = self.agent.run(request).map_err(|error| {
            format!("{} does not answer: {error}. Start it with --twin.", self.base)
        })?;
        let status = reply.status();
        let text = reply.body_mut().read_to_string()?;
        let json: Json = serde_json::from_str(&text).unwrap_or_default();
        match (status.is_success(), json["error"]["message"].as_str()) {
            (true, _) => Ok(json),
            (false, Some(message)) => Err(format!("{status}: {message}").into()),
            (false, None) => Err(format!("{status}").into()),
        }
    }
}
