//! The token endpoint: a form → tokens. [`GrantType`] lists the grants, each in a file of its own.

mod authorization_code;
mod client;
mod client_credentials;
mod device_code;
mod password;
mod refresh_token;
mod scope;
mod user_tokens;

use super::form::Form;
use super::target::Target;
use super::{find_tenant, reply};
use crate::directory::Tenant;
use crate::error::{Result, SignInReason};
use crate::message::{Request, Response};
use crate::service::SignIn;

use client::Client;
pub(super) use client::find_application;
pub(super) use password::check_password;
pub(super) use scope::Scope;
pub(super) use user_tokens::client_info;

/// The ways to get a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GrantType {
    AuthorizationCode,
    ClientCredentials,
    DeviceCode,
    Password,
    RefreshToken,
}

/// A request for a token, whose client is authenticated.
pub(super) struct TokenRequest<'a> {
    pub(super) sign_in: &'a SignIn,
    pub(super) request: &'a Request,
    pub(super) form: &'a Form,
    pub(super) tenant: Tenant,
    pub(super) client: Client,
}

impl GrantType {
    pub(super) const ALL: [Self; 5] = [
        Self::AuthorizationCode,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::Password,
        Self::RefreshToken,
    ];

    /// The name in the directory, and in requests.
    pub(super) fn stored_name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "device_code",
            Self::Password => "password",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The name in the discovery document, and in requests as well.
    pub(super) fn announced_name(self) -> &'static str {
        match self {
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            other => other.stored_name(),
        }
    }

    /// The grant that a request asks for.
    fn find(name: &str) -> Option<Self> {
        let is_named = |grant: &Self| [grant.stored_name(), grant.announced_name()].contains(&name);
        Self::ALL.into_iter().find(is_named)
    }
}

/// The reply to a request for a token.
pub(super) async fn answer(
    sign_in: &SignIn,
    request: &Request,
    target: &Target,
    form: &Form,
) -> Result<Response> {
    let name = form.require("grant_type")?;
    let grant = GrantType::find(name);
    let grant = grant.ok_or_else(|| SignInReason::GrantUnknown { grant: name.into() })?;
    let reply = answer_grant(sign_in, request, target, form, grant).await;
    let outcome = reply.as_ref().err().map_or("success", |error| error.row().code);
    sign_in.sign_ins.answered(grant.stored_name(), outcome);
    reply
}

async fn answer_grant(
    sign_in: &SignIn,
    request: &Request,
    target: &Target,
    form: &Form,
    grant: GrantType,
) -> Result<Response> {
    let tenant = find_tenant(sign_in, target).await?;
    let client = client::authenticate(sign_in, request, tenant, form).await?;
    if !client.application.grant_types.iter().any(|own| own == grant.stored_name()) {
        let application = client.application.id.to_string();
        return Err(
            SignInReason::GrantNotAllowed { application, grant: grant.stored_name() }.into()
        );
    }
    let request = TokenRequest { sign_in, request, form, tenant, client };
    let tokens = match grant {
        GrantType::AuthorizationCode => authorization_code::tokens(&request).await?,
        GrantType::ClientCredentials => client_credentials::tokens(&request)?,
        GrantType::DeviceCode => device_code::tokens(&request).await?,
        GrantType::Password => password::tokens(&request).await?,
        GrantType::RefreshToken => refresh_token::tokens(&request).await?,
    };
    Ok(reply::json(&tokens))
}
