//! The text of a token → claims with a verified signature. Knows the compact serialization of JWS, the
//! header and the keys; the meaning and lifetime of claims are in `claims`.

use std::cell::Cell;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde_json::Value;

use super::generations::{Fingerprint, fingerprint};
use super::key_set::{Key, KeySet};
use super::unique_object::UniqueObject;
use crate::auth::refused;
use crate::error::{Error, Result};

/// The maximum length of a token in bytes. Entra's tokens are far shorter.
const MAX_TOKEN_LENGTH: usize = 16 * 1024;

/// A well-formed token, not verified yet.
pub(in crate::auth) struct Token<'text> {
    /// The encoded header and claims, which the signature covers.
    signed: &'text str,
    signature: &'text str,
    fingerprint: Fingerprint,
    content: Arc<Content>,
    is_new: bool,
}

/// What the header and the claims of a token say.
#[derive(Debug)]
pub(in crate::auth) struct Content {
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: UniqueObject,
}

/// Claims whose signature was verified with a key of their issuer.
#[derive(Debug)]
pub(in crate::auth) struct VerifiedClaims {
    content: Arc<Content>,
    is_remembered: bool,
}

impl VerifiedClaims {
    /// An explicit `null` is a value.
    pub(in crate::auth) fn get(&self, name: &str) -> Option<&Value> {
        self.content.claims.get(name)
    }

    /// Whether the signature had been verified before.
    pub(in crate::auth) fn is_remembered(&self) -> bool {
        self.is_remembered
    }

    #[cfg(test)]
    pub(in crate::auth) fn of(claims: &Value) -> Self {
        let claims = UniqueObject::parse(claims.to_string().as_bytes()).unwrap();
        let content = Content { algorithm: Algorithm::RS256, key_id: None, claims };
        Self { content: content.into(), is_remembered: false }
    }
}

impl<'text> Token<'text> {
    /// Splits and decodes the text. Refuses every token that no key could verify.
    pub(in crate::auth) fn parse(text: &'text str) -> Result<Self> {
        Self::parse_unless_known(text, |_| None)
    }

    /// Like [`Token::parse`], without decoding if `known` has what a token with this fingerprint says.
    pub(in crate::auth) fn parse_unless_known(
        text: &'text str,
        known: impl FnOnce(&Fingerprint) -> Option<Arc<Content>>,
    ) -> Result<Self> {
        if text.len() > MAX_TOKEN_LENGTH {
            return Err(refused("the token is too long"));
        }
        let (signed, signature) = text.rsplit_once('.').ok_or_else(not_three_parts)?;
        let fingerprint = fingerprint(text);
        let known = known(&fingerprint);
        let is_new = known.is_none();
        let content = known.map_or_else(|| Content::decode(signed, signature).map(Arc::new), Ok)?;
        Ok(Self { signed, signature, fingerprint, content, is_new })
    }

    pub(in crate::auth) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(in crate::auth) fn content(&self) -> &Arc<Content> {
        &self.content
    }

    /// Whether the token had to be decoded.
    pub(in crate::auth) fn is_new(&self) -> bool {
        self.is_new
    }

    /// The header's `kid`.
    pub(in crate::auth) fn key_id(&self) -> Option<&str> {
        self.content.key_id.as_deref()
    }

    /// A claim before verification. Use it to find the issuer only.
    pub(in crate::auth) fn unverified_claim(&self, name: &str) -> Option<&str> {
        self.content.claims.get(name)?.as_str()
    }

    /// Verifies the signature with the keys that have the header's `kid`.
    pub(in crate::auth) fn verify(&self, keys: &KeySet) -> Result<VerifiedClaims> {
        let is_remembered = self.check_signature(keys)?;
        Ok(VerifiedClaims { content: Arc::clone(&self.content), is_remembered })
    }

    /// Returns whether the signature had been verified before.
    fn check_signature(&self, keys: &KeySet) -> Result<bool> {
        let issuer = self.unverified_claim("iss").unwrap_or_default();
        let tenant = self.unverified_claim("tid").unwrap_or_default();
        let mut reason = match self.key_id() {
            Some(_) => "the issuer has no key with the token's kid",
            None => "the token has no kid, and the issuer does not have exactly one key",
        };
        for key in keys.candidates(self.key_id()) {
            if !key.permits(self.content.algorithm) {
                reason = "the key is not for the token's algorithm";
            } else if !key.may_sign_for(issuer, tenant) {
                reason = "the key belongs to another issuer";
            } else {
                match self.find_signature(key) {
                    Some(is_remembered) => return Ok(is_remembered),
                    None => reason = "the signature is not valid",
                }
            }
        }
        Err(refused(reason))
    }

    /// Whether the signature had been verified before, if it is valid.
    fn find_signature(&self, key: &Key) -> Option<bool> {
        let is_remembered = Cell::new(true);
        let (signed, algorithm) = (self.signed.as_bytes(), self.content.algorithm);
        let verify = || {
            is_remembered.set(false);
            crypto::verify(self.signature, signed, key.material(), algorithm).unwrap_or(false)
        };
        let is_valid = key.verified_signatures().is_valid(&self.fingerprint, verify);
        is_valid.then(|| is_remembered.get())
    }
}

impl Content {
    /// Decodes header and claims. The signature is decoded as well: it has to be well-formed.
    fn decode(signed: &str, signature: &str) -> Result<Self> {
        let (header, claims) = decode_parts(signed, signature).ok_or_else(not_three_parts)?;
        let header = UniqueObject::parse(&header)
            .ok_or_else(|| refused("the header is not an object, or has a repeated member"))?;
        let claims = UniqueObject::parse(&claims)
            .ok_or_else(|| refused("the claims are not an object, or one is repeated"))?;
        let (algorithm, key_id) = read_header(&header)?;
        Ok(Self { algorithm, key_id, claims })
    }
}

/// Header and claims of a token whose three parts are non-empty canonical base64url.
fn decode_parts(signed: &str, signature: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok().filter(|it| !it.is_empty());
    let (header, claims) = signed.split_once('.')?;
    decoded(signature)?;
    Some((decoded(header)?, decoded(claims)?))
}

fn not_three_parts() -> Error {
    refused("the token does not consist of three base64url parts")
}

/// Reads `alg` and `kid`. A key in the header (`jku`, `jwk`, `x5u`, `x5c`) is ignored: whoever forged
/// the token could have put it there. A token with an extension (`crit`, `b64`) is refused.
fn read_header(header: &UniqueObject) -> Result<(Algorithm, Option<String>)> {
    if header.get("crit").is_some() || header.get("b64").is_some() {
        return Err(refused("the header has crit or b64"));
    }
    let algorithm = header
        .get("alg")
        .and_then(Value::as_str)
        .and_then(|name| Algorithm::from_str(name).ok())
        .filter(|algorithm| algorithm.family() != AlgorithmFamily::Hmac)
        .ok_or_else(|| refused("the header's alg is not permitted"))?;
    let key_id = match header.get("kid") {
        None => None,
        Some(Value::String(id)) => Some(id.clone()),
        Some(_) => return Err(refused("the header's kid is not a string")),
    };
    Ok((algorithm, key_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    fn reason(text: &str) -> String {
        match Token::parse(text) {
            Err(Error::TokenRefused(reason)) => reason,
            Err(_) => panic!("refused with another error"),
            Ok(_) => panic!("not refused"),
        }
    }

    #[test]
    fn a_token_is_three_base64url_parts_and_nothing_else() {
        let (header, claims) = (encoded(r#"{"alg":"RS256"}"#), encoded("{}"));
        assert!(Token::parse(&format!("{header}.{claims}.AAAA")).is_ok());
        let header = header.as_str();
        for text in [
            header.to_owned(),
            format!("{header}.{claims}"),
            format!("{header}.{claims}."),
            format!("{header}..AAAA"),
            format!("{header}.{claims}.AAAA.AAAA"),
            format!("{header}.{claims}.AAA="),
            format!("{header}.{claims}.AAB"),
            format!("{header}.{claims}.AA A"),
            format!("{header}.{claims}.AA+A"),
        ] {
            assert!(reason(&text).contains("three base64url parts"), "{text}");
        }
    }

    #[test]
    fn a_header_names_a_permitted_algorithm_in_its_exact_spelling() {
        for header in [
            r#"{}"#,
            r#"{"alg":"none"}"#,
            r#"{"alg":"None"}"#,
            r#"{"alg":"NONE"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":"rs256"}"#,
            r#"{"alg":["RS256"]}"#,
            r#"{"alg":null}"#,
        ] {
            let text = format!("{}.{}.AAAA", encoded(header), encoded("{}"));
            assert!(reason(&text).contains("alg"), "{header}");
        }
    }

    #[test]
    fn a_header_that_demands_something_is_refused_even_with_null() {
        for demand in [r#""crit":["exp"]"#, r#""crit":[]"#, r#""crit":null"#, r#""b64":true"#] {
            let header = format!(r#"{{"alg":"RS256",{demand}}}"#);
            let text = format!("{}.{}.AAAA", encoded(&header), encoded("{}"));
            assert!(reason(&text).contains("crit or b64"), "{demand}");
        }
    }

    #[test]
    fn a_reason_never_repeats_the_token() {
        let secret = "c2VjcmV0";
        let header = encoded(r#"{"alg":"secret","kid":"secret"}"#);
        for text in [secret.to_owned(), format!("{header}.{secret}.{secret}")] {
            assert!(!reason(&text).contains("secret"));
            assert!(!reason(&text).contains(secret));
        }
    }
}
