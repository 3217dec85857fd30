//! What is wrong with a request to sign in: with the tenant, the application, the user or a parameter.
//! The texts are those of Entra. Each has Entra's number and the error of OAuth 2.0.

use super::{NAME, cut};

/// What is wrong with a request to the endpoints of the local issuer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SignInReason {
    #[error(
        "Tenant '{}' not found. Check to make sure you have the correct tenant ID.",
        cut(tenant, NAME)
    )]
    TenantUnknown { tenant: String },
    #[error(
        "No tenant-identifying information found in either the request or implied by any provided \
         credentials. Name the tenant of the application instead of 'common' or 'organizations'."
    )]
    TenantMissing,
    #[error(
        "Unknown or invalid instance. The authority '{}' is not on this server.",
        cut(authority, NAME)
    )]
    InstanceUnknown { authority: String },
    #[error("The request body must contain the following parameter: '{name}'.")]
    ParameterMissing { name: &'static str },
    #[error("The parameter '{name}' is given more than once.")]
    ParameterRepeated { name: &'static str },
    #[error("The value of the parameter '{name}' is not valid: {expected}.")]
    ParameterInvalid { name: &'static str, expected: &'static str },
    #[error("The request body must be a form: Content-Type application/x-www-form-urlencoded.")]
    NotForm,
    #[error("The app returned an unsupported grant type '{}'.", cut(grant, NAME))]
    GrantUnknown { grant: String },
    #[error("The application '{application}' may not use the grant type '{grant}'.")]
    GrantNotAllowed { application: String, grant: &'static str },
    #[error(
        "Application with identifier '{}' was not found in the directory '{tenant}'.",
        cut(application, NAME)
    )]
    ApplicationUnknown { application: String, tenant: String },
    #[error(
        "The request body must contain the following parameter: 'client_assertion' or \
         'client_secret'."
    )]
    CredentialMissing,
    #[error(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client \
         secret value, not the client secret ID, for a secret added to app '{application}'."
    )]
    SecretWrong { application: String },
    #[error("The client assertion is not a JSON Web Token that this server can read: {expected}.")]
    AssertionInvalid { expected: &'static str },
    #[error(
        "Client assertion failed signature validation: it is not signed with a certificate of the \
         application '{application}'."
    )]
    AssertionUnknown { application: String },
    #[error("Client assertion is not within its valid time range.")]
    AssertionTime,
    #[error("Client assertion audience claim does not match the token endpoint or the issuer.")]
    AssertionAudience,
    #[error(
        "The provided value for the input parameter 'scope' is not valid: '{}'.",
        cut(scope, NAME)
    )]
    ScopeInvalid { scope: String },
    #[error(
        "The provided value for scope '{}' is not valid. Client credential flows must have a scope \
         value with /.default suffixed to the resource identifier (application ID URI).",
        cut(scope, NAME)
    )]
    ScopeNotDefault { scope: String },
    #[error(
        "The resource principal named '{}' was not found. This server has \
         https://graph.microsoft.com and its own address.",
        cut(resource, NAME)
    )]
    ResourceUnknown { resource: String },
    #[error("The input parameter 'scope' has more than one resource.")]
    SeveralResources,
    #[error(
        "The user or administrator has not consented to use the application '{application}' with \
         the permission '{permission}'."
    )]
    ConsentMissing { application: String, permission: String },
    #[error(
        "The redirect URI '{}' specified in the request does not match the redirect URIs configured \
         for the application '{application}'.",
        cut(redirect, NAME)
    )]
    RedirectUnknown { redirect: String, application: String },
    #[error("'{}' is not a supported response type: only 'code' is.", cut(response_type, NAME))]
    ResponseTypeUnsupported { response_type: String },
    #[error("Proof Key for Code Exchange is required: the request has no 'code_challenge'.")]
    ChallengeMissing,
    #[error("Session information is not sufficient for single sign-on: the user must sign in.")]
    LoginRequired,
    #[error("The user cancelled the sign-in.")]
    UserCancelled,
    #[error("The '{name}' is malformed, unknown, or of another application or tenant.")]
    GrantInvalid { name: &'static str },
    #[error("The code was already redeemed. The refresh tokens that it gave are revoked.")]
    CodeUsed,
    #[error("The code has expired.")]
    CodeExpired,
    #[error(
        "The 'code_verifier' does not match the 'code_challenge' supplied in the authorization \
         request."
    )]
    VerifierWrong,
    #[error(
        "The reply address '{}' does not match the reply address provided when requesting the \
         authorization code.",
        cut(redirect, NAME)
    )]
    RedirectMismatch { redirect: String },
    #[error("The refresh token has expired or was revoked. The user must sign in again.")]
    RefreshTokenExpired,
    #[error("The sign-in on the device is pending. Continue polling.")]
    AuthorizationPending,
    #[error("The user declined the sign-in on the device.")]
    AuthorizationDeclined,
    #[error("The device code has expired.")]
    DeviceCodeExpired,
    #[error("The device code is unknown, was used before, or is of another application or tenant.")]
    DeviceCodeUnknown,
    #[error("Error validating credentials due to invalid username or password.")]
    PasswordWrong,
    #[error("The user account '{}' does not exist in the directory '{tenant}'.", cut(user, NAME))]
    UserUnknown { user: String, tenant: String },
    #[error("Too many sign-ins have failed for this user or from this address. Try again later.")]
    Blocked,
}

impl SignInReason {
    /// The error of OAuth 2.0 (RFC 6749), and Entra's number.
    #[must_use]
    pub fn code(&self) -> (&'static str, u32) {
        match self {
            Self::TenantUnknown { .. } => ("invalid_tenant", 90_002),
            Self::TenantMissing => ("invalid_request", 50_059),
            Self::InstanceUnknown { .. } => ("invalid_instance", 50_049),
            Self::ParameterMissing { .. } => ("invalid_request", 900_144),
            Self::ParameterRepeated { .. } => ("invalid_request", 9_000_411),
            Self::ParameterInvalid { .. } => ("invalid_request", 90_013),
            Self::NotForm => ("invalid_request", 90_013),
            Self::GrantUnknown { .. } => ("unsupported_grant_type", 70_003),
            Self::GrantNotAllowed { .. } => ("unauthorized_client", 70_001),
            Self::ApplicationUnknown { .. } => ("unauthorized_client", 700_016),
            Self::CredentialMissing => ("invalid_client", 7_000_218),
            Self::SecretWrong { .. } => ("invalid_client", 7_000_215),
            Self::AssertionInvalid { .. } => ("invalid_client", 50_027),
            Self::AssertionUnknown { .. } => ("invalid_client", 700_027),
            Self::AssertionTime => ("invalid_client", 700_024),
            Self::AssertionAudience => ("invalid_client", 700_023),
            Self::ScopeInvalid { .. } => ("invalid_scope", 70_011),
            Self::ScopeNotDefault { .. } => ("invalid_scope", 1_002_012),
            Self::ResourceUnknown { .. } => ("invalid_resource", 500_011),
            Self::SeveralResources => ("invalid_scope", 28_000),
            Self::ConsentMissing { .. } => ("invalid_grant", 65_001),
            Self::RedirectUnknown { .. } => ("invalid_request", 50_011),
            Self::ResponseTypeUnsupported { .. } => ("unsupported_response_type", 70_005),
            Self::ChallengeMissing => ("invalid_request", 9_002_325),
            Self::LoginRequired => ("login_required", 50_058),
            Self::UserCancelled => ("access_denied", 65_004),
            Self::GrantInvalid { .. } => ("invalid_grant", 9_002_313),
            Self::CodeUsed => ("invalid_grant", 54_005),
            Self::CodeExpired => ("invalid_grant", 70_008),
            Self::VerifierWrong => ("invalid_grant", 501_481),
            Self::RedirectMismatch { .. } => ("invalid_grant", 500_112),
            Self::RefreshTokenExpired => ("invalid_grant", 700_082),
            Self::AuthorizationPending => ("authorization_pending", 70_016),
            Self::AuthorizationDeclined => ("authorization_declined", 70_018),
            Self::DeviceCodeExpired => ("expired_token", 70_020),
            Self::DeviceCodeUnknown => ("bad_verification_code", 70_019),
            Self::PasswordWrong => ("invalid_grant", 50_126),
            Self::UserUnknown { .. } => ("invalid_grant", 50_034),
            Self::Blocked => ("invalid_grant", 50_053),
        }
    }

    /// Entra's `suberror`, by which clients decide to ask the user again.
    #[must_use]
    pub fn suberror(&self) -> Option<&'static str> {
        match self {
            Self::ConsentMissing { .. } => Some("consent_required"),
            _ => None,
        }
    }
}
