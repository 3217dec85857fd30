//! The path of a request to sign in → the tenant and the endpoint. Letters may be in any case, and
//! slashes may be doubled: a client that is given `…/{tenant}/` as its authority sends two.

use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::message::Method;
use crate::route;

/// The target of a request to sign in.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::endpoints) struct Target {
    /// The tenant as the path names it, decoded. It may be no name of a tenant.
    pub(super) tenant: String,
    pub(super) endpoint: Endpoint,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// The discovery document of `OpenID` Connect.
    Configuration,
    /// The public keys of tokens.
    Keys,
    /// Whether an authority belongs to this server.
    Instance,
    /// How a user signs in.
    UserRealm(String),
    /// The token endpoint.
    Token,
    /// The page where a user signs in.
    Authorize,
    /// The endpoint that gives a device a code.
    DeviceCode,
    /// The page where a user types the code of a device.
    DeviceLogin,
    /// The page that ends the session of a browser.
    Logout,
    /// The user of an access token.
    UserInfo,
}

impl Target {
    /// The target of a path as it came, still percent-encoded. `None` for all other paths.
    pub(in crate::endpoints) fn of(path: &str) -> Option<Self> {
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        // Most requests are for the API, and need no more than this.
        if segments.clone().next().is_none_or(|first| route::version(first).is_some()) {
            return None;
        }
        let decoded = |segment| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let segments: Vec<String> = segments.map(decoded).collect();
        let (tenant, rest) = segments.split_first()?;
        let lower: Vec<String> = rest.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let endpoint = match lower[..] {
            ["v2.0", ".well-known", "openid-configuration"]
            | [".well-known", "openid-configuration"] => Endpoint::Configuration,
            ["discovery", "v2.0", "keys"] | ["discovery", "keys"] => Endpoint::Keys,
            ["discovery", "instance"] if is_common(tenant) => Endpoint::Instance,
            ["userrealm", ..] if is_common(tenant) => {
                Endpoint::UserRealm(rest.get(1).cloned().unwrap_or_default())
            }
            ["oauth2", "v2.0", "token"] => Endpoint::Token,
            ["oauth2", "v2.0", "authorize"] => Endpoint::Authorize,
            ["oauth2", "v2.0", "devicecode"] => Endpoint::DeviceCode,
            ["devicelogin"] => Endpoint::DeviceLogin,
            ["userinfo"] if tenant.eq_ignore_ascii_case("oidc") => Endpoint::UserInfo,
            ["oauth2", "v2.0", "logout"] => Endpoint::Logout,
            _ => return None,
        };
        Some(Self { tenant: tenant.clone(), endpoint })
    }
}

impl Target {
    /// The tenant, if the path names it by its GUID.
    pub(in crate::endpoints) fn tenant_id(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.tenant).ok()
    }
}

impl Endpoint {
    /// The methods of the endpoint, besides OPTIONS.
    pub(super) fn methods(&self) -> &'static [Method] {
        match self {
            Self::Configuration | Self::Keys | Self::Instance | Self::UserRealm(_) => {
                &[Method::Get]
            }
            Self::Token | Self::DeviceCode => &[Method::Post],
            Self::Authorize | Self::DeviceLogin | Self::Logout | Self::UserInfo => {
                &[Method::Get, Method::Post]
            }
        }
    }

    /// Whether a browser shows the replies: they are HTML, errors as well.
    pub(super) fn is_page(&self) -> bool {
        matches!(self, Self::Authorize | Self::DeviceLogin | Self::Logout)
    }

    /// Whether any web page may read the replies: documents without secrets.
    pub(super) fn is_document(&self) -> bool {
        matches!(self, Self::Configuration | Self::Keys | Self::Instance | Self::UserRealm(_))
    }
}

fn is_common(tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case("common")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(path: &str) -> Option<(String, Endpoint)> {
        Target::of(path).map(|target| (target.tenant, target.endpoint))
    }

    #[test]
    fn a_path_names_a_tenant_and_an_endpoint_in_any_case() {
        let token = |tenant: &str| Some((tenant.to_owned(), Endpoint::Token));
        assert_eq!(endpoint("/contoso.com/oauth2/v2.0/token"), token("contoso.com"));
        assert_eq!(endpoint("/Common/OAuth2/V2.0/TOKEN"), token("Common"));
        assert_eq!(endpoint("//a//oauth2/v2.0/token/"), token("a"));
        // Names that no tenant has are refused as unknown tenants.
        assert_eq!(endpoint("/a%2Fb/oauth2/v2.0/token"), token("a/b"));
        assert_eq!(endpoint("/a%FF/oauth2/v2.0/token"), token("a\u{fffd}"));
        let configuration = Some(("a".to_owned(), Endpoint::Configuration));
        assert_eq!(endpoint("/a//v2.0/.well-known/openid-configuration"), configuration);
        assert_eq!(endpoint("/a/.well-known/openid-configuration"), configuration);
        let realm = Some(("common".to_owned(), Endpoint::UserRealm("Ada@a.b".into())));
        assert_eq!(endpoint("/common/UserRealm/Ada%40a.b"), realm);
    }

    #[test]
    fn other_paths_are_not_of_the_issuer() {
        for path in [
            "",
            "/",
            "/common",
            "/a/userrealm/ada",
            "/a/discovery/instance",
            "/a/oauth2/v2.0",
            "/a/oauth2/v2.0/token/x",
            "/beta/oauth2/v2.0/token",
            "/v1.0/discovery/keys",
            "/beta/deviceManagement/deviceManagementScripts",
        ] {
            assert_eq!(endpoint(path), None, "{path}");
        }
    }
}
