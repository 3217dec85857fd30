//! From an `Authorization` header to a verified [`Caller`]. This door knows the header and picks
//! the issuer; the rooms behind it know tokens, claims and keys, and one of them, `permission`,
//! what a caller may do.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::message::Headers;

mod issue;
mod permission;
mod verify;

pub use issue::{
    LOCAL_AUDIENCE, LOCAL_ISSUER, LocalIssuer, LocalIssuerError, TokenError, TokenRequest,
};
pub use permission::{Authorized, Permitted, permit};
#[doc(hidden)]
pub use verify::Pace;
pub use verify::{ConfigError, IssuerConfig, KeySource};

use verify::{Issuer, Token, claims};

/// The tenant of all personal Microsoft accounts.
const PERSONAL_TENANT: Uuid = Uuid::from_u128(0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad);

/// A verified token, reduced to the claims that the service needs. Only [`Issuers::caller`] makes
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    tenant: Uuid,
    subject: String,
    kind: CallerKind,
}

/// In what way a token was obtained, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// A user's token, for an application that acts for them.
    Delegated {
        /// At least one scope.
        scopes: Vec<String>,
    },
    /// An application's own token.
    Application {
        /// Its roles, possibly none.
        roles: Vec<String>,
    },
    /// A token that holds nothing.
    Unknown,
}

impl Caller {
    /// The claim `tid`: the tenant whose rows the caller sees.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The claim `oid`, else `sub`, else `-`. It is written to the log, and it tells the callers of a
    /// tenant apart.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// How the token was obtained, and the permissions that it holds.
    #[must_use]
    pub fn kind(&self) -> &CallerKind {
        &self.kind
    }

    /// The permissions that the token holds, scopes or roles.
    #[must_use]
    pub fn held(&self) -> &[String] {
        match &self.kind {
            CallerKind::Delegated { scopes } => scopes,
            CallerKind::Application { roles } => roles,
            CallerKind::Unknown => &[],
        }
    }

    /// Whether a personal Microsoft account asks.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.tenant == PERSONAL_TENANT
    }
}

/// The issuers that are trusted, and their keys.
pub struct Issuers(Vec<Issuer>);

impl Issuers {
    /// Trusts these issuers; key files are read now, addresses when the first token comes.
    ///
    /// # Errors
    /// Where an entry contradicts itself or another, or a key file has no usable key.
    pub fn new(configured: Vec<IssuerConfig>) -> std::result::Result<Self, ConfigError> {
        Self::with_pace(configured, Pace::default())
    }

    /// As [`Issuers::new`], with other times between looks for keys.
    #[doc(hidden)]
    pub fn with_pace(
        configured: Vec<IssuerConfig>,
        pace: Pace,
    ) -> std::result::Result<Self, ConfigError> {
        let mut issuers: Vec<Issuer> = Vec::new();
        for config in configured {
            if issuers.iter().any(|other| other.name == config.issuer) {
                return Err(ConfigError::new(config.place, "`issuer` is configured twice"));
            }
            issuers.push(Issuer::new(config, pace)?);
        }
        Ok(Self(issuers))
    }

    /// Who sent a request with these headers.
    ///
    /// # Errors
    /// [`Error::TokenMissing`] and [`Error::TokenRefused`], whose reason never repeats any of the
    /// token.
    pub async fn caller(&self, headers: &Headers) -> Result<Caller> {
        let token = Token::parse(bearer(headers)?)?;
        let issuer = self.issuer_of(&token)?;
        let Some(keys) = issuer.keys.keys_with(token.key_id()).await else {
            let reason = format!("the keys of issuer {} were never loaded", issuer.name);
            return Err(refused(reason));
        };
        let claims = token.verify(&keys)?;
        claims::caller(&claims, &issuer.audiences, chrono::Utc::now().timestamp())
    }

    fn issuer_of(&self, token: &Token<'_>) -> Result<&Issuer> {
        let name = token.claimed("iss").ok_or_else(|| refused("the claim iss is not a string"))?;
        let tenant = token.claimed("tid").filter(|tenant| claims::tenant_id(tenant).is_some());
        let exact = self.0.iter().find(|issuer| issuer.is_exactly(name));
        let filled = |tenant| self.0.iter().find(|issuer| issuer.is_filled(tenant, name));
        let found = exact.or_else(|| tenant.and_then(filled));
        found.ok_or_else(|| refused("the token's iss is not a trusted issuer"))
    }
}

/// The token of the one `Authorization: Bearer` header.
fn bearer(headers: &Headers) -> Result<&str> {
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
