//! The tokens of the local issuer: claims in the shape of Entra's version 2.0, for a user or for an
//! application. The key is in `local_issuer`.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::local_issuer::{LOCAL_AUDIENCE, LOCAL_ISSUER, LocalIssuer};

/// The user of a token that names none, and the first user of the directory.
pub const DEFAULT_USER: &str = "user@runstate.local";
/// The application of a token that names none, and the first application of the directory.
pub const DEFAULT_CLIENT: Uuid = Uuid::from_u128(0x7275_6e73_7461_4e65_8000_0000_0000_0001);
/// The public client by which the console signs users in at the local issuer.
pub const CONSOLE_CLIENT: Uuid = Uuid::from_u128(0x7275_6e73_7461_4e65_8000_0000_0000_0002);
/// 9999-12-31T23:59:59Z, the last second with a four-digit year.
const LAST_SECOND: i64 = 253_402_300_799;

/// The parameters of a token.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// The claim `tid`.
    pub tenant: Uuid,
    /// The user principal name; `None` for a default user, and for an application's own token.
    pub user: Option<String>,
    /// The delegated permissions, claim `scp`.
    pub scopes: Vec<String>,
    /// The application permissions or the user's roles, claim `roles`.
    pub roles: Vec<String>,
    /// Whether the token is an application's own, without a user.
    pub application: bool,
    /// The client application, claims `azp` and `appid`; `None` for a default client.
    pub client: Option<Uuid>,
    pub expires_in: Duration,
}

/// An error in the parameters of a token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("an application's own token has roles, not scopes or a user")]
    ApplicationWithUser,
    #[error("the token would expire after the year 9999")]
    TooLong,
    #[error("the token cannot be signed: {0}")]
    Signing(#[from] Unspecified),
}

impl LocalIssuer {
    /// Signs a token.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn token(&self, request: &TokenRequest) -> Result<String, TokenError> {
        let claims = build_claims(request, chrono::Utc::now().timestamp())?;
        Ok(self.sign(&claims)?)
    }

    pub(super) fn sign(&self, claims: &Value) -> Result<String, Unspecified> {
        self.sign_with(&self.header(), claims)
    }

    pub(super) fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": "RS256", "kid": self.key_id })
    }

    pub(super) fn sign_with(&self, header: &Value, claims: &Value) -> Result<String, Unspecified> {
        let signed =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let mut signature = vec![0; self.key.public_modulus_len()];
        let randomness = SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &randomness, signed.as_bytes(), &mut signature)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

pub(super) fn build_claims(request: &TokenRequest, now: i64) -> Result<Value, TokenError> {
    if request.application && (!request.scopes.is_empty() || request.user.is_some()) {
        return Err(TokenError::ApplicationWithUser);
    }
    let seconds = i64::try_from(request.expires_in.as_secs()).unwrap_or(i64::MAX);
    let end = now.checked_add(seconds).filter(|end| *end <= LAST_SECOND);
    let client = request.client.unwrap_or(DEFAULT_CLIENT).to_string();
    let mut claims = json!({
        "iss": LOCAL_ISSUER,
        "aud": LOCAL_AUDIENCE,
        "tid": request.tenant,
        "iat": now,
        "nbf": now,
        "exp": end.ok_or(TokenError::TooLong)?,
        "azp": client,
        "appid": client,
        "uti": Uuid::new_v4(),
        "ver": "2.0",
    });
    let subject = match request.application {
        true => application_claims(request, &client),
        false => user_claims(request, &client),
    };
    if let Value::Object(all) = &mut claims {
        all.extend(subject);
        if !request.roles.is_empty() {
            all.insert("roles".into(), json!(request.roles));
        }
    }
    Ok(claims)
}

fn application_claims(request: &TokenRequest, client: &str) -> Map<String, Value> {
    let object = application_object_id(request.tenant, client);
    to_map([
        ("oid", json!(object)),
        ("sub", json!(object)),
        ("idtyp", json!("app")),
        ("azpacr", json!("1")),
    ])
}

fn user_claims(request: &TokenRequest, client: &str) -> Map<String, Value> {
    let name = request.user.as_deref().unwrap_or(DEFAULT_USER);
    let object = user_object_id(request.tenant, name);
    let mut claims = to_map([
        ("oid", json!(object)),
        ("sub", json!(pairwise_subject(object, client))),
        ("name", json!(name)),
        ("upn", json!(name)),
        ("preferred_username", json!(name)),
        ("azpacr", json!("0")),
    ]);
    if !request.scopes.is_empty() {
        claims.insert("scp".into(), json!(request.scopes.join(" ")));
    }
    claims
}

fn to_map<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The object id of an application in a tenant: the same in every token.
#[must_use]
pub fn application_object_id(tenant: Uuid, client: &str) -> Uuid {
    derive_object_id(&[&tenant.to_string(), "application", client])
}

/// The object id of a user in a tenant: the same in every token, whatever the case of the name.
#[must_use]
pub fn user_object_id(tenant: Uuid, name: &str) -> Uuid {
    derive_object_id(&[&tenant.to_string(), "user", &name.to_lowercase()])
}

/// The claim `sub` of a user. Like in Entra, it differs between clients.
pub(super) fn pairwise_subject(object: Uuid, client: &str) -> Uuid {
    derive_object_id(&[&object.to_string(), client])
}

/// Derives an id from parts.
fn derive_object_id(parts: &[&str]) -> Uuid {
    let hash = digest(&SHA256, parts.join("\n").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn request() -> TokenRequest {
        TokenRequest {
            tenant: Uuid::from_u128(1),
            user: Some("Ada@example.org".into()),
            scopes: vec!["A.Read.All".into(), "B.Read.All".into()],
            roles: Vec::new(),
            application: false,
            client: None,
            expires_in: Duration::from_secs(3600),
        }
    }

    #[test]
    fn a_users_token_has_the_claims_of_entra() {
        let claims = build_claims(&request(), NOW).unwrap();
        assert_eq!(claims["scp"], "A.Read.All B.Read.All");
        assert_eq!(claims["upn"], "Ada@example.org");
        assert_eq!(claims["exp"], NOW + 3600);
        assert_eq!(claims["ver"], "2.0");
        assert_ne!(claims["oid"], claims["sub"]);
        assert!(claims.get("idtyp").is_none() && claims.get("roles").is_none());
    }

    #[test]
    fn a_user_is_the_same_in_every_token_of_a_tenant_and_another_in_another_tenant() {
        let of = |request: &TokenRequest| build_claims(request, NOW).unwrap()["oid"].clone();
        let lower = TokenRequest { user: Some("ada@example.org".into()), ..request() };
        let elsewhere = TokenRequest { tenant: Uuid::from_u128(2), ..request() };
        assert_eq!(of(&request()), of(&lower));
        assert_ne!(of(&request()), of(&elsewhere));
    }

    #[test]
    fn an_applications_token_is_its_own_subject_and_has_no_scopes() {
        let own = TokenRequest {
            user: None,
            scopes: Vec::new(),
            roles: vec!["A.Read.All".into()],
            application: true,
            ..request()
        };
        let claims_of_own = build_claims(&own, NOW).unwrap();
        assert_eq!(claims_of_own["oid"], claims_of_own["sub"]);
        assert_eq!(claims_of_own["idtyp"], "app");
        assert!(claims_of_own.get("scp").is_none());
        let with_scopes = TokenRequest { application: true, ..request() };
        assert!(matches!(build_claims(&with_scopes, NOW), Err(TokenError::ApplicationWithUser)));
    }

    #[test]
    fn a_token_never_outlives_the_calendar() {
        let long = TokenRequest { expires_in: Duration::MAX, ..request() };
        assert!(matches!(build_claims(&long, NOW), Err(TokenError::TooLong)));
    }
}
