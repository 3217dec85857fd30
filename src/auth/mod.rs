//! Authentication: an `Authorization` header → a verified [`Caller`]. This file reads the header and
//! finds the issuer; `verify` checks tokens, `issue` makes those of the local issuer, `secret` verifies
//! passwords and client secrets, and `permission` decides what a caller may do.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::message::Headers;
use crate::metrics::{Exposition, Tokens, catalog};

mod actor;
mod assertion;
mod identity;
mod issue;
mod permission;
mod secret;
mod served_tenants;
mod signed_in_user;
mod tenant_file;
mod twin_authority;
mod verify;

pub use actor::Actor;
pub use assertion::ClientAssertion;
pub use identity::Identity;
pub use issue::{
    AccessToken, CONSOLE_CLIENT, DEFAULT_CLIENT, DEFAULT_USER, IdToken, LOCAL_AUDIENCE,
    LOCAL_ISSUER, LocalIssuer, LocalIssuerError, Spoil, TOKEN_LIFETIME, TWIN_AUDIENCE,
    TWIN_PERMISSION, TokenClient, TokenError, TokenRequest, TokenSubject, TokenUser,
    application_object_id, user_object_id, user_subject,
};
pub use permission::{Authorized, Permitted, PolicyAccess, permit, permit_policy};
pub use secret::{
    Attempt, FailedSignIns, HashError, SecretVerifier, UNKNOWN_PASSWORD, hash_secret, random_secret,
};
pub use served_tenants::ServedTenants;
pub use signed_in_user::SignedInUser;
pub use tenant_file::{TenantFile, TenantFileError};
pub use twin_authority::{MIN_TWIN_SECRET, TwinAuthority};
#[doc(hidden)]
pub use verify::RefreshIntervals;
pub use verify::{ConfigError, ConsoleClient, IssuerConfig, KeySource, count_keys};

use verify::{DecodedTokens, Issuer, Token, VerifiedClaims, claims};

/// The tenant of all personal Microsoft accounts.
const PERSONAL_TENANT: Uuid = Uuid::from_u128(0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad);

/// A verified token, reduced to the claims that the service needs. Only [`Issuers::authenticate`]
/// makes one.
#[derive(Debug)]
pub struct Caller {
    tenant: Uuid,
    subject: String,
    kind: CallerKind,
    claims: VerifiedClaims,
}

/// The kind of a token, with its permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// An application acts on behalf of a user. There is at least one scope.
    Delegated { scopes: Vec<String> },
    /// An application acts on its own behalf.
    Application { roles: Vec<String> },
    /// A token without permissions.
    Unknown,
}

impl CallerKind {
    /// The scopes or roles.
    #[must_use]
    pub fn permissions(&self) -> &[String] {
        match self {
            Self::Delegated { scopes } => scopes,
            Self::Application { roles } => roles,
            Self::Unknown => &[],
        }
    }
}

impl Caller {
    /// The claim `tid`. The caller sees the rows of this tenant only.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The claim `oid`, else `sub`, else `-`. For the log, and to keep the idempotency keys of a
    /// tenant's callers apart.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    #[must_use]
    pub fn kind(&self) -> &CallerKind {
        &self.kind
    }

    /// The user and the application that the token names.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::of(&self.claims, matches!(self.kind, CallerKind::Application { .. }))
    }

    /// The scopes or roles of the token.
    #[must_use]
    pub fn permissions(&self) -> &[String] {
        self.kind.permissions()
    }

    /// Whether the caller is a personal Microsoft account.
    #[must_use]
    pub fn is_personal_account(&self) -> bool {
        self.tenant == PERSONAL_TENANT
    }
}

/// The trusted issuers, with their keys, and the tenants that are served.
pub struct Issuers {
    trusted: Vec<Issuer>,
    served: ServedTenants,
    decoded: DecodedTokens,
    tokens: Tokens,
}

impl Issuers {
    /// Trusts these issuers. Key files are read now; keys behind a URL are fetched with the first
    /// token.
    ///
    /// # Errors
    /// If an entry is invalid or repeated, or a key file has no usable key.
    pub fn new(configured: Vec<IssuerConfig>) -> std::result::Result<Self, ConfigError> {
        Self::with_refresh_intervals(configured, RefreshIntervals::default())
    }

    /// [`Issuers::new`] with other intervals, for tests.
    #[doc(hidden)]
    pub fn with_refresh_intervals(
        configured: Vec<IssuerConfig>,
        intervals: RefreshIntervals,
    ) -> std::result::Result<Self, ConfigError> {
        let mut issuers: Vec<Issuer> = Vec::new();
        for config in configured {
            if issuers.iter().any(|other| other.name == config.issuer) {
                return Err(ConfigError::new(config.place, "`issuer` is configured twice"));
            }
            issuers.push(Issuer::new(config, intervals)?);
        }
        let (served, tokens) = (ServedTenants::default(), Tokens::default());
        Ok(Self { trusted: issuers, served, decoded: DecodedTokens::default(), tokens })
    }

    /// The same issuers, for these tenants only.
    #[must_use]
    pub fn serving(self, served: ServedTenants) -> Self {
        Self { served, ..self }
    }

    /// The tenants that are served.
    #[must_use]
    pub fn served(&self) -> &ServedTenants {
        &self.served
    }

    /// Authenticates the caller of a request at this time.
    ///
    /// # Errors
    /// [`Error::TokenMissing`] and [`Error::TokenRefused`], whose reason never contains any part of
    /// the token; [`Error::TenantElsewhere`].
    pub async fn authenticate(&self, headers: &Headers, now: DateTime<Utc>) -> Result<Caller> {
        let caller = self.authenticate_early(headers, now).await?;
        self.tokens.accepted(caller.claims.is_remembered());
        Ok(caller)
    }

    /// Authenticates the caller of a request that is authenticated once more when it is answered: the
    /// metrics count a token here only if it is refused.
    ///
    /// # Errors
    /// As [`Issuers::authenticate`].
    pub async fn authenticate_early(
        &self,
        headers: &Headers,
        now: DateTime<Utc>,
    ) -> Result<Caller> {
        let mut check = "form";
        let verified = self.verify_by_steps(headers, now, &mut check).await;
        match &verified {
            Ok(_) => {}
            Err(Error::TokenMissing) => self.tokens.refused("missing"),
            Err(_) => self.tokens.refused(check),
        }
        verified
    }

    /// Verifies a token; `check` says which check is under way, for the metrics.
    async fn verify_by_steps(
        &self,
        headers: &Headers,
        now: DateTime<Utc>,
        check: &mut &'static str,
    ) -> Result<Caller> {
        let token = self.decoded.parse(read_bearer(headers)?)?;
        *check = "issuer";
        let issuer = self.find_issuer(&token)?;
        *check = "keys";
        let Some(keys) = issuer.keys.find(token.key_id()).await else {
            let reason = format!("the keys of issuer {} were never loaded", issuer.name);
            return Err(refused(reason));
        };
        *check = "signature";
        let claims = token.verify(&keys)?;
        self.decoded.keep(&token);
        *check = "audience";
        claims::check_audience(&claims, &issuer.audiences)?;
        *check = "lifetime";
        claims::check_lifetime(&claims, now.timestamp())?;
        *check = "claims";
        let caller = claims::to_caller(claims)?;
        *check = "tenant";
        self.served.check(caller.tenant())?;
        Ok(caller)
    }

    /// Adds the metrics of tokens and keys to a page.
    pub fn expose(&self, page: &mut Exposition) {
        self.tokens.expose(page);
        let age = |issuer: &Issuer| Some((issuer.name.clone(), issuer.keys.age()?.as_secs_f64()));
        page.gauges(&catalog::KEYS_AGE, self.trusted.iter().filter_map(age));
    }

    fn find_issuer(&self, token: &Token<'_>) -> Result<&Issuer> {
        let name = token
            .unverified_claim("iss")
            .ok_or_else(|| refused("the claim iss is not a string"))?;
        let tenant =
            token.unverified_claim("tid").filter(|tenant| claims::parse_tenant(tenant).is_some());
        let exact = self.trusted.iter().find(|issuer| issuer.has_name(name));
        let by_template =
            |tenant| self.trusted.iter().find(|issuer| issuer.matches_template(tenant, name));
        let found = exact.or_else(|| tenant.and_then(by_template));
        found.ok_or_else(|| refused("the token's iss is not a trusted issuer"))
    }
}

/// The tenant that the token of a request claims, before anything of the token is verified. Use it to find
/// the clock by which the token is verified.
#[must_use]
pub fn unverified_tenant(headers: &Headers) -> Option<Uuid> {
    let token = Token::parse(read_bearer(headers).ok()?).ok()?;
    token.unverified_claim("tid").and_then(claims::parse_tenant)
}

/// The application that a token names, which is verified only if the token was.
#[must_use]
pub fn unverified_application(headers: &Headers) -> Option<String> {
    let token = Token::parse(read_bearer(headers).ok()?).ok()?;
    let claim = token.unverified_claim("azp").or_else(|| token.unverified_claim("appid"));
    claim.map(str::to_owned)
}

/// Reads the token of the one `Authorization: Bearer` header.
fn read_bearer(headers: &Headers) -> Result<&str> {
    let mut values = headers.all("authorization");
    let value = values.next().unwrap_or_default();
    if values.next().is_some() {
        return Err(refused("there are several Authorization headers"));
    }
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim_start_matches(' ');
    match scheme {
        "" if token.is_empty() => Err(Error::TokenMissing),
        scheme if !scheme.eq_ignore_ascii_case("bearer") => {
            Err(refused("the Authorization header has another scheme than Bearer"))
        }
        _ if token.is_empty() => Err(Error::TokenMissing),
        _ => Ok(token),
    }
}

fn refused(reason: impl Into<String>) -> Error {
    Error::TokenRefused(reason.into())
}
