//! The endpoints of the local issuer, where users and applications sign in: discovery documents, keys,
//! pages, tokens. They are those of Microsoft Entra, below the path of a tenant, so that the clients of
//! Entra work unchanged. Errors have Entra's form. Knows nothing of the API.

mod authorize;
mod browser;
mod cors;
mod credentials;
mod device;
mod documents;
mod form;
mod logout;
mod opaque;
mod page;
mod redirect_uri;
mod reply;
mod target;
mod token;
mod userinfo;

use crate::auth::Issuers;
use crate::directory::Tenant;
use crate::error::{Error, Result, SignInReason};
use crate::message::{Method, Request, Response};
use crate::model::permission::GRAPH_ID;
use crate::respond;
use crate::service::SignIn;

use form::Form;
use target::Endpoint;
pub(super) use target::Target;

/// The reply to a request to sign in.
pub(super) async fn answer(
    sign_in: &SignIn,
    issuers: &Issuers,
    request: &Request,
    target: &Target,
) -> Response {
    let form = match target.endpoint {
        Endpoint::UserInfo => Ok(Form::default()),
        _ => Form::read(request),
    };
    let mut response = match &form {
        _ if cors::is_preflight(request) && !target.endpoint.is_page() => {
            cors::preflight(request, target.endpoint.methods())
        }
        Ok(form) => match reply(sign_in, issuers, request, target, form).await {
            Ok(response) => response,
            Err(error) => refuse_form(request, target, form, &error),
        },
        Err(error) => refuse(request, target, error),
    };
    let client = form.as_ref().ok().and_then(|form| form.get("client_id").ok().flatten());
    cors::share(sign_in, request, target, client, &mut response).await;
    response.headers.push(("x-ms-request-id".into(), request.id.to_string()));
    response
}

/// An error as a program or a browser shows it, where no form was read.
pub(super) fn refuse(request: &Request, target: &Target, error: &Error) -> Response {
    refuse_form(request, target, &Form::default(), error)
}

fn refuse_form(request: &Request, target: &Target, form: &Form, error: &Error) -> Response {
    match target.endpoint {
        Endpoint::UserInfo => respond::error(request, error),
        _ if target.endpoint.is_page() => page::error(request, error),
        _ => reply::error(request, form, error),
    }
}

/// Adds to the challenge of a 401, if the response has one, where to sign in, as Graph does.
pub(super) fn complete_challenge(request: &Request, response: &mut Response) {
    let place = format!(
        ", authorization_uri=\"{}/common/oauth2/v2.0/authorize\", client_id=\"{GRAPH_ID}\"",
        request.base
    );
    let headers = response.headers.iter_mut();
    headers.filter(|(name, _)| name == "WWW-Authenticate").for_each(|(_, it)| *it += &place);
}

async fn reply(
    sign_in: &SignIn,
    issuers: &Issuers,
    request: &Request,
    target: &Target,
    form: &Form,
) -> Result<Response> {
    if request.method == Method::Options {
        return Ok(reply::options(target.endpoint.methods()));
    }
    if !target.endpoint.methods().contains(&request.method) {
        return Err(Error::MethodNotAllowed { allow: reply::allow(target.endpoint.methods()) });
    }
    match &target.endpoint {
        Endpoint::Configuration => documents::configuration(sign_in, request, target).await,
        Endpoint::Keys => documents::keys(sign_in, target).await,
        Endpoint::Instance => documents::instance(request, form),
        Endpoint::UserRealm(name) => documents::user_realm(request, name),
        Endpoint::Token => token::answer(sign_in, request, target, form).await,
        Endpoint::Authorize => authorize::answer(sign_in, request, target, form).await,
        Endpoint::DeviceCode => device::answer(sign_in, request, target, form).await,
        Endpoint::DeviceLogin => device::answer_page(sign_in, request, target, form).await,
        Endpoint::UserInfo => userinfo::answer(sign_in, issuers, request).await,
        Endpoint::Logout => logout::answer(sign_in, request, target, form).await,
    }
}

/// The tenant that the path names, if it is served here.
async fn find_tenant(sign_in: &SignIn, target: &Target) -> Result<Tenant> {
    let found = sign_in.directory.tenant(&target.tenant).await?;
    let tenant = found.ok_or_else(|| SignInReason::TenantUnknown { tenant: target.tenant.clone() });
    let tenant = tenant?;
    sign_in.served.check(tenant.id)?;
    Ok(tenant)
}
