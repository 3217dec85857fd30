//! Documents that say how to sign in: discovery, keys, instance discovery, user realm. Addresses in
//! them start with what the client used for this server.

use serde_json::{Value as Json, json};
use url::Url;

use super::form::Form;
use super::target::Target;
use super::token::GrantType;
use super::{find_tenant, reply};
use crate::error::{Error, Result, SignInReason};
use crate::message::{Request, Response};
use crate::service::SignIn;

/// The discovery document of a tenant. A domain gets the document of the tenant's GUID. The document of
/// `common` has a placeholder in its issuer, which clients fill with the `tid` of a token.
pub(super) async fn configuration(
    sign_in: &SignIn,
    request: &Request,
    target: &Target,
) -> Result<Response> {
    let tenant = find_tenant(sign_in, target).await?;
    let base = &request.base;
    let (segment, of_issuer) = match tenant.is_common {
        true => (target.tenant.to_ascii_lowercase(), "{tenantid}".to_owned()),
        false => (tenant.id.to_string(), tenant.id.to_string()),
    };
    let endpoint = |name: &str| format!("{base}/{segment}/oauth2/v2.0/{name}");
    let grants: Vec<&str> = GrantType::ALL.iter().map(|grant| grant.announced_name()).collect();
    Ok(reply::document(&json!({
        "issuer": format!("{base}/{of_issuer}/v2.0"),
        "authorization_endpoint": endpoint("authorize"),
        "token_endpoint": endpoint("token"),
        "device_authorization_endpoint": endpoint("devicecode"),
        "end_session_endpoint": endpoint("logout"),
        "jwks_uri": format!("{base}/{segment}/discovery/v2.0/keys"),
        "userinfo_endpoint": format!("{base}/oidc/userinfo"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "grant_types_supported": grants,
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "preferred_username", "name",
            "tid", "oid", "ver",
        ],
        "request_uri_parameter_supported": false,
        "cloud_instance_name": authority(base),
        "msgraph_host": authority(base),
    })))
}

/// The public keys of tokens, the same for all tenants.
pub(super) async fn keys(sign_in: &SignIn, target: &Target) -> Result<Response> {
    find_tenant(sign_in, target).await?;
    let keys: Json = serde_json::from_str(sign_in.issuer.key_set())
        .map_err(|_| Error::Bug("the key set of the local issuer is not JSON"))?;
    Ok(reply::document(&keys))
}

/// Confirms that an authority is this server. Its port does not count: msal loses it.
pub(super) fn instance(request: &Request, form: &Form) -> Result<Response> {
    let asked = form.require("authorization_endpoint")?;
    let own = Url::parse(&request.base);
    let url = Url::parse(asked).ok().filter(|url| {
        url.host_str().is_some() && own.as_ref().is_ok_and(|own| own.host_str() == url.host_str())
    });
    let unknown = || SignInReason::InstanceUnknown { authority: asked.into() };
    let url = url.ok_or_else(unknown)?;
    let segment = url.path_segments().and_then(|mut all| all.find(|segment| !segment.is_empty()));
    let segment = segment.unwrap_or("common");
    let (base, own) = (&request.base, authority(&request.base));
    Ok(reply::document(&json!({
        "tenant_discovery_endpoint": format!("{base}/{segment}/v2.0/.well-known/openid-configuration"),
        "api-version": form.get("api-version")?.unwrap_or("1.1"),
        "metadata": [{ "preferred_network": own, "preferred_cache": own, "aliases": [own] }],
    })))
}

/// Says that a user signs in with a password here. Any name gets the same reply, so that it does not
/// tell who exists.
pub(super) fn user_realm(request: &Request, name: &str) -> Result<Response> {
    let domain = name.rsplit_once('@').map_or("", |(_, domain)| domain);
    Ok(reply::document(&json!({
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain,
        "cloud_instance_name": authority(&request.base),
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    })))
}

/// Host and port of an address.
fn authority(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
