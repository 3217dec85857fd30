//! An example of each reason for which a request to sign in is refused.

use runstate::error::{Error, SignInReason};

use super::examples::{Examples, of};

const TENANT: &str = "7e570000-0000-4000-8000-000000000001";
const APPLICATION: &str = "72756e73-7461-4e65-8000-000000000001";

pub(super) fn examples() -> Examples {
    let (tenant, application) = (|| TENANT.to_owned(), || APPLICATION.to_owned());
    let reasons = [
        SignInReason::TenantUnknown { tenant: "contoso.example".into() },
        SignInReason::TenantMissing,
        SignInReason::InstanceUnknown { authority: "https://login.example.com".into() },
        SignInReason::ParameterMissing { name: "grant_type" },
        SignInReason::ParameterRepeated { name: "client_id" },
        SignInReason::ParameterInvalid {
            name: "client_assertion_type",
            expected: "it must be jwt-bearer",
        },
        SignInReason::NotForm,
        SignInReason::GrantUnknown { grant: "implicit".into() },
        SignInReason::GrantNotAllowed { application: application(), grant: "password" },
        SignInReason::ApplicationUnknown { application: application(), tenant: tenant() },
        SignInReason::CredentialMissing,
        SignInReason::SecretWrong { application: application() },
        SignInReason::AssertionInvalid { expected: "its alg must be RS256 or PS256" },
        SignInReason::AssertionUnknown { application: application() },
        SignInReason::AssertionTime,
        SignInReason::AssertionAudience,
        SignInReason::ScopeInvalid { scope: "https://graph.microsoft.com".into() },
        SignInReason::ScopeNotDefault { scope: "User.Read".into() },
        SignInReason::ResourceUnknown { resource: "https://vault.azure.net".into() },
        SignInReason::SeveralResources,
        SignInReason::ConsentMissing {
            application: application(),
            permission: "DeviceManagementScripts.Read.All".into(),
        },
        SignInReason::RedirectUnknown {
            redirect: "https://evil.example/".into(),
            application: application(),
        },
        SignInReason::ResponseTypeUnsupported { response_type: "token".into() },
        SignInReason::ChallengeMissing,
        SignInReason::LoginRequired,
        SignInReason::UserCancelled,
        SignInReason::GrantInvalid { name: "refresh_token" },
        SignInReason::CodeUsed,
        SignInReason::CodeExpired,
        SignInReason::VerifierWrong,
        SignInReason::RedirectMismatch { redirect: "http://localhost:8400".into() },
        SignInReason::RefreshTokenExpired,
        SignInReason::AuthorizationPending,
        SignInReason::AuthorizationDeclined,
        SignInReason::DeviceCodeExpired,
        SignInReason::DeviceCodeUnknown,
        SignInReason::PasswordWrong,
        SignInReason::UserUnknown { user: "ada@example.org".into(), tenant: tenant() },
        SignInReason::Blocked,
    ];
    of(&reasons, Error::from)
}
