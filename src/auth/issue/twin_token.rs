//! Tokens for the test twin: those that control it, and those of its tenants, which may be spoilt so that
//! a client can be tested with a token that is refused. The key is in `local_issuer`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::local_issuer::{LOCAL_ISSUER, LocalIssuer};
use super::local_token::{TokenError, TokenRequest, build_claims};
use crate::auth::PERSONAL_TENANT;

/// The claim `aud` of a token that controls the twin. No token for Graph has it.
pub const TWIN_AUDIENCE: &str = "urn:runstate:twin";
/// The role of a token that controls the twin.
pub const TWIN_PERMISSION: &str = "Runstate.Twin";
/// How far a spoilt token is outside its lifetime, in seconds: far more than clocks may differ.
const OUTSIDE: i64 = 3600;

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYet,
    /// It is for another audience.
    Audience,
    /// It is of an issuer that nobody trusts.
    Issuer,
    /// Its signature is not valid.
    Signature,
    /// Its issuer has no such key.
    UnknownKey,
    /// It names no tenant.
    NoTenant,
    /// It is of a personal account.
    Personal,
}

impl Spoil {
    /// Every kind, with its name in the control API.
    pub const ALL: [(&'static str, Self); 8] = [
        ("expired", Self::Expired),
        ("notYet", Self::NotYet),
        ("audience", Self::Audience),
        ("issuer", Self::Issuer),
        ("signature", Self::Signature),
        ("unknownKey", Self::UnknownKey),
        ("noTenant", Self::NoTenant),
        ("personal", Self::Personal),
    ];
}

impl LocalIssuer {
    /// Signs a token that controls the test twin.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn twin_token(&self, expires_in: Duration) -> Result<String, TokenError> {
        let request = TokenRequest {
            tenant: Uuid::nil(),
            user: None,
            scopes: Vec::new(),
            roles: vec![TWIN_PERMISSION.into()],
            application: true,
            client: None,
            expires_in,
        };
        let mut claims = build_claims(&request, Utc::now().timestamp())?;
        claims["aud"] = TWIN_AUDIENCE.into();
        Ok(self.sign(&claims)?)
    }

    /// Signs a token at the time of a tenant's clock, and spoils it if asked to.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn tenant_token(
        &self,
        request: &TokenRequest,
        now: DateTime<Utc>,
        spoil: Option<Spoil>,
    ) -> Result<String, TokenError> {
        let now = now.timestamp();
        let mut claims = build_claims(request, now)?;
        let mut header = self.header();
        match spoil {
            Some(Spoil::Expired) => {
                claims["iat"] = (now - 2 * OUTSIDE).into();
                claims["nbf"] = (now - 2 * OUTSIDE).into();
                claims["exp"] = (now - OUTSIDE).into();
            }
            Some(Spoil::NotYet) => {
                claims["nbf"] = (now + OUTSIDE).into();
                claims["exp"] = (now + 2 * OUTSIDE).into();
            }
            Some(Spoil::Audience) => claims["aud"] = "urn:runstate:another-audience".into(),
            Some(Spoil::Issuer) => claims["iss"] = format!("{LOCAL_ISSUER}:another").into(),
            Some(Spoil::UnknownKey) => header["kid"] = json!("unknown"),
            Some(Spoil::NoTenant) => {
                claims.as_object_mut().and_then(|claims| claims.remove("tid"));
            }
            Some(Spoil::Personal) => claims["tid"] = json!(PERSONAL_TENANT),
            Some(Spoil::Signature) | None => {}
        }
        let token = self.sign_with(&header, &claims)?;
        Ok(match spoil {
            Some(Spoil::Signature) => with_another_signature(&token),
            _ => token,
        })
    }
}

/// The token with a signature that is well-formed and of other bytes.
fn with_another_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    if let Some(first) = bytes.first_mut() {
        *first ^= 1;
    }
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))
}
