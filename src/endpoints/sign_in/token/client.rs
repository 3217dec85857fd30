//! The application of a request for a token: which one it is, and whether it is the one that it claims
//! to be. By a secret in the form, by a secret in HTTP Basic, by an assertion, or, for public clients,
//! not at all.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::super::form::Form;
use crate::auth::{ClientAssertion, TokenClient};
use crate::directory::{Application, Tenant};
use crate::error::{Result, SignInReason};
use crate::message::{Headers, Request};
use crate::service::SignIn;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The application of a request.
pub(in crate::endpoints::sign_in) struct Client {
    pub(in crate::endpoints::sign_in) application: Application,
    authentication: Authentication,
}

/// How an application authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Authentication {
    /// Not at all: a public client.
    Public,
    Secret,
    Certificate,
}

/// What a request brings to authenticate its application.
enum Credential<'a> {
    Public,
    Secret(String),
    Assertion(ClientAssertion<'a>),
}

impl Client {
    /// Whether the application proved who it is.
    pub(in crate::endpoints::sign_in) fn is_confidential(&self) -> bool {
        self.authentication != Authentication::Public
    }

    /// The application as its tokens name it.
    pub(in crate::endpoints::sign_in) fn of_tokens(&self) -> TokenClient<'_> {
        let authentication = match self.authentication {
            Authentication::Public => "0",
            Authentication::Secret => "1",
            Authentication::Certificate => "2",
        };
        TokenClient { id: self.application.id, name: &self.application.name, authentication }
    }
}

/// Finds the application of a request, and authenticates it.
pub(super) async fn authenticate(
    sign_in: &SignIn,
    request: &Request,
    tenant: Tenant,
    form: &Form,
) -> Result<Client> {
    let (id, credential) = read_credential(request, form)?;
    let application = find_application(sign_in, tenant, &id).await?;
    let authentication = match credential {
        Credential::Public if application.is_public => Authentication::Public,
        Credential::Public => return Err(SignInReason::CredentialMissing.into()),
        Credential::Secret(secret) => {
            check_secret(sign_in, request, &application, &secret).await?;
            Authentication::Secret
        }
        Credential::Assertion(assertion) => {
            let now = request.clock.now().timestamp();
            let audiences = audiences(request, tenant);
            assertion.verify(application.id, &application.certificates, &audiences, now)?;
            Authentication::Certificate
        }
    };
    Ok(Client { application, authentication })
}

/// Finds an application by its client id, in any case.
pub(in crate::endpoints::sign_in) async fn find_application(
    sign_in: &SignIn,
    tenant: Tenant,
    id: &str,
) -> Result<Application> {
    let unknown = || SignInReason::ApplicationUnknown {
        application: id.into(),
        tenant: tenant.id.to_string(),
    };
    let parsed = Uuid::try_parse(id).map_err(|_| unknown())?;
    let found = sign_in.directory.application(tenant, parsed).await?;
    found.ok_or_else(|| unknown().into())
}

/// The client id, which may come in the form, in HTTP Basic or in the assertion, and the credential, of
/// which there may be one.
fn read_credential<'a>(request: &Request, form: &'a Form) -> Result<(String, Credential<'a>)> {
    let (in_form, secret) = (form.get("client_id")?, form.get("client_secret")?);
    let (basic, assertion) = (read_basic(&request.headers)?, form.get("client_assertion")?);
    if [basic.is_some(), secret.is_some(), assertion.is_some()].iter().filter(|it| **it).count() > 1
    {
        let expected = "a client authenticates in one way only";
        return Err(SignInReason::ParameterInvalid { name: "client_secret", expected }.into());
    }
    let (named, credential) = match (basic, secret, assertion) {
        (Some((id, secret)), ..) => (Some(id), Credential::Secret(secret)),
        (_, Some(secret), _) => (None, Credential::Secret(secret.to_owned())),
        (_, _, Some(assertion)) => {
            if form.require("client_assertion_type")? != ASSERTION_TYPE {
                let (name, expected) = ("client_assertion_type", "it must be jwt-bearer");
                return Err(SignInReason::ParameterInvalid { name, expected }.into());
            }
            let assertion = ClientAssertion::parse(assertion)?;
            let id = assertion.unverified_client().map(str::to_owned);
            (id, Credential::Assertion(assertion))
        }
        _ => (None, Credential::Public),
    };
    match (in_form.map(str::to_owned), named) {
        (Some(one), Some(other)) if !one.eq_ignore_ascii_case(&other) => {
            let (name, expected) = ("client_id", "it must be the client of the credential");
            Err(SignInReason::ParameterInvalid { name, expected }.into())
        }
        (Some(id), _) | (None, Some(id)) => Ok((id, credential)),
        (None, None) => Err(SignInReason::ParameterMissing { name: "client_id" }.into()),
    }
}

/// The client id and the secret of HTTP Basic, each encoded as in a form (RFC 6749, section 2.3.1).
fn read_basic(headers: &Headers) -> Result<Option<(String, String)>> {
    let Some(value) = headers.get("authorization") else { return Ok(None) };
    let Some((scheme, encoded)) = value.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let decoded = STANDARD.decode(encoded.trim()).ok();
    let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = pair.as_deref().and_then(|pair| {
        let (id, secret) = pair.split_once(':')?;
        Some((decode_form(id)?, decode_form(secret)?))
    });
    let (name, expected) = ("Authorization", "Basic, and client_id:client_secret in base64");
    pair.map(Some).ok_or_else(|| SignInReason::ParameterInvalid { name, expected }.into())
}

fn decode_form(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    Some(percent_decode_str(&text).decode_utf8().ok()?.into_owned())
}

/// Checks a client secret. One that was verified before costs no hash; what has to be hashed is limited
/// by the address.
async fn check_secret(
    sign_in: &SignIn,
    request: &Request,
    application: &Application,
    secret: &str,
) -> Result<()> {
    let hashes = &application.secret_hashes;
    if sign_in.secrets.is_remembered(secret, hashes) {
        return Ok(());
    }
    let attempt = sign_in.failed.begin(None, request.address).await?;
    match sign_in.secrets.is_client_secret(secret, hashes).await {
        Ok(true) => {
            attempt.succeed();
            Ok(())
        }
        Ok(false) => {
            Err(SignInReason::SecretWrong { application: application.id.to_string() }.into())
        }
        Err(error) => {
            attempt.cancel();
            Err(error)
        }
    }
}

/// What an assertion may name as its audience: the token endpoint as it was called, and the token
/// endpoint and the issuer of the tenant.
fn audiences(request: &Request, tenant: Tenant) -> Vec<String> {
    let (base, path, tenant) = (&request.base, &request.path, tenant.id);
    vec![
        format!("{base}{path}"),
        format!("{base}/{tenant}/oauth2/v2.0/token"),
        format!("{base}/{tenant}/v2.0"),
    ]
}
