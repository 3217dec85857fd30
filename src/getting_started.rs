//! What someone who just started the server needs to try it: a script and a user state in the
//! first tenant, and a `curl` line for the founding call. It speaks to the service as any client.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::auth::{LocalIssuer, TokenRequest};
use crate::clock::Clock;
use crate::config::FIRST_TENANT;
use crate::endpoints;
use crate::message::{Body, Headers, Method, NO_ADDRESS, Request};
use crate::model::API_VERSION;
use crate::model::permission::Profile;
use crate::service::Service;

/// The permission of the founding call.
const FOUNDING_SCOPE: &str = "DeviceManagementManagedDevices.ReadWrite.All";

/// What today's permissions ask for besides, for the scripts and for the lists of run states.
const CURRENT_SCOPES: [&str; 2] =
    ["DeviceManagementConfiguration.ReadWrite.All", "DeviceManagementScripts.ReadWrite.All"];

const SCRIPTS: &str = "deviceManagement/deviceManagementScripts";
const TOKEN_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

const SCRIPT: &str = r#"{"displayName":"First look","description":"Created at the first start, for trying the API.","fileName":"first-look.ps1","scriptContent":"V3JpdGUtT3V0cHV0ICJIZWxsbyI="}"#;
const USER_STATE: &str = r#"{"userPrincipalName":"user@runstate.local"}"#;
const RUN_STATE: &str = r##"{"@odata.type":"#microsoft.graph.deviceManagementScriptDeviceState","runState":"success","resultMessage":"Result Message value","lastStateUpdateDateTime":"2017-01-01T00:02:58.4418045-08:00","errorCode":9,"errorDescription":"Error Description value"}"##;

/// Why there is nothing to try.
#[derive(Debug, thiserror::Error)]
pub enum FirstLookError {
    /// No token.
    #[error("no token can be made: {0}")]
    Token(#[from] crate::auth::TokenError),
    /// The service answered otherwise than it should.
    #[error("the service answered {status} to {path}")]
    Answer {
        /// What it answered.
        status: u16,
        /// To what.
        path: String,
    },
}

impl FirstLookError {
    /// Whether the first tenant is moved to another database, or was moved there.
    #[must_use]
    pub fn is_of_closed_tenant(&self) -> bool {
        matches!(self, Self::Answer { status: 421 | 503, .. })
    }
}

/// A `curl` line that makes the founding call on the server at `base` and works as it stands.
///
/// # Errors
/// Where the service does not answer as it should.
pub async fn curl_line(
    service: &Service,
    issuer: &LocalIssuer,
    base: &str,
) -> Result<String, FirstLookError> {
    let token = issuer.token(&TokenRequest {
        tenant: FIRST_TENANT,
        user: None,
        scopes: scopes(service.profile).into_iter().map(str::to_owned).collect(),
        roles: Vec::new(),
        application: false,
        client: None,
        expires_in: TOKEN_LIFE,
    })?;
    let client = Client { service, token: &token };
    let scripts = format!("/{API_VERSION}/{SCRIPTS}");
    let script = client.first_or_new(&scripts, SCRIPT).await?;
    let script = format!("{scripts}/{script}");
    client.first_or_new(&format!("{script}/userRunStates"), USER_STATE).await?;
    Ok(format!(
        "curl -i '{base}{script}/deviceRunStates' -H 'Authorization: Bearer {token}' \
         -H 'Content-Type: application/json' -d '{RUN_STATE}'"
    ))
}

/// The scopes of someone who may do everything.
#[must_use]
pub fn scopes(profile: Profile) -> Vec<&'static str> {
    let current = CURRENT_SCOPES.into_iter().filter(|_| profile == Profile::Current);
    std::iter::once(FOUNDING_SCOPE).chain(current).collect()
}

struct Client<'a> {
    service: &'a Service,
    token: &'a str,
}

impl Client<'_> {
    /// The id of the first entity in a collection, which is made if there is none.
    async fn first_or_new(&self, path: &str, body: &'static str) -> Result<String, FirstLookError> {
        let list = self.send(Method::Get, path, "$top=1&$select=id", "").await?;
        if let Some(id) = list["value"][0]["id"].as_str() {
            return Ok(id.into());
        }
        let new = self.send(Method::Post, path, "", body).await?;
        Ok(new["id"].as_str().unwrap_or_default().into())
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        query: &str,
        body: &'static str,
    ) -> Result<Json, FirstLookError> {
        let id = Uuid::new_v4();
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let request = Request {
            id,
            client_id: id.to_string(),
            method,
            path: path.into(),
            query: query.into(),
            headers: Headers::from_iter(headers),
            body: Bytes::from_static(body.as_bytes()),
            base: String::new(),
            address: NO_ADDRESS,
            item: None,
            clock: Clock::Real,
        };
        let response = endpoints::answer(self.service, &request).await;
        let json = match &response.body {
            Body::Whole(body) => serde_json::from_slice(body).ok(),
            Body::Stream(_) | Body::Broken(..) => None,
        };
        json.filter(|_| response.status < 300)
            .ok_or_else(|| FirstLookError::Answer { status: response.status, path: path.into() })
    }
}
