//! Where a user of the console may sign in: the local issuer, and the configured issuers at which the
//! console is a client. No secret is among it.

use serde_json::json;
use url::Url;

use crate::auth::{CONSOLE_CLIENT, ConsoleClient};
use crate::message::{Request, Response};
use crate::service::Service;

/// The scopes at the local issuer: everything that the user may do, and a refresh token.
const LOCAL_SCOPES: [&str; 4] =
    ["openid", "profile", "offline_access", "https://graph.microsoft.com/.default"];

/// The settings as the page reads them.
pub(super) fn document(
    service: &Service,
    clients: &[ConsoleClient],
    request: &Request,
) -> Response {
    let local = service.sign_in.is_some().then(|| {
        json!({
            "name": "Runstate",
            "issuer": local_issuer(request),
            "clientId": CONSOLE_CLIENT,
            "scopes": LOCAL_SCOPES,
        })
    });
    let others = clients.iter().map(|ConsoleClient { issuer, client_id, scopes }| {
        json!({ "name": host(issuer), "issuer": issuer, "clientId": client_id, "scopes": scopes })
    });
    let sign_in: Vec<_> = local.into_iter().chain(others).collect();
    let version = env!("CARGO_PKG_VERSION");
    let body = json!({ "version": version, "signIn": sign_in, "twin": service.twin.is_some() });
    let content_type = ("Content-Type".into(), "application/json; charset=utf-8".into());
    Response { status: 200, headers: vec![content_type], body: body.to_string().into() }
}

/// The origins of the issuers, to which the page sends requests.
pub(super) fn origins(
    service: &Service,
    clients: &[ConsoleClient],
    request: &Request,
) -> Vec<String> {
    let local = service.sign_in.is_some().then(|| local_issuer(request));
    let issuers = clients.iter().map(|client| client.issuer.clone());
    let urls = local.into_iter().chain(issuers).filter_map(|issuer| Url::parse(&issuer).ok());
    let mut origins: Vec<String> = urls.map(|url| url.origin().ascii_serialization()).collect();
    origins.dedup();
    origins
}

/// The local issuer, for a user of the default tenant.
fn local_issuer(request: &Request) -> String {
    format!("{}/common/v2.0", request.base)
}

/// The host of an address, by which a user knows an issuer.
fn host(issuer: &str) -> String {
    let url = Url::parse(issuer).ok();
    let host = url.and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| issuer.to_owned())
}
