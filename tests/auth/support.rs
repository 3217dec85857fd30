//! Signing keys, tokens and issuers for the tests.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature as sign;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use runstate::auth::{Caller, IssuerConfig, Issuers, KeySource};
use runstate::error::Error;
use runstate::message::Headers;
use serde_json::{Value, json};
use std::path::PathBuf;

pub(crate) const ISSUER: &str = "https://login.example.org/v2.0";
pub(crate) const AUDIENCE: &str = "urn:test:server";
pub(crate) const TENANT: &str = "11111111-2222-3333-4444-555555555555";

pub(crate) enum Signer {
    Rsa(RsaKeyPair),
    Elliptic(EcdsaKeyPair, &'static str),
    Edwards(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub(crate) fn p256() -> Self {
        let curve = &sign::ECDSA_P256_SHA256_FIXED_SIGNING;
        Self::Elliptic(EcdsaKeyPair::generate(curve).unwrap(), "P-256")
    }

    pub(crate) fn p384() -> Self {
        let curve = &sign::ECDSA_P384_SHA384_FIXED_SIGNING;
        Self::Elliptic(EcdsaKeyPair::generate(curve).unwrap(), "P-384")
    }

    pub(crate) fn edwards() -> Self {
        Self::Edwards(Ed25519KeyPair::generate().unwrap())
    }

    /// The public key as a JWK.
    pub(crate) fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "kid": id, "n": text(public.n), "e": text(public.e)})
            }
            Self::Elliptic(pair, curve) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "crv": curve, "kid": id, "x": text(x), "y": text(y)})
            }
            Self::Edwards(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": text(pair.public_key())})
            }
        }
    }

    /// The public key in DER, as in X.509.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        let Self::Rsa(pair) = self else { panic!("only for RSA") };
        pair.public_key().as_der().unwrap().as_ref().to_vec()
    }

    pub(crate) fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => {
                let encoding: &'static dyn sign::RsaEncoding = match algorithm {
                    "RS256" => &sign::RSA_PKCS1_SHA256,
                    "RS384" => &sign::RSA_PKCS1_SHA384,
                    "RS512" => &sign::RSA_PKCS1_SHA512,
                    "PS256" => &sign::RSA_PSS_SHA256,
                    "PS384" => &sign::RSA_PSS_SHA384,
                    "PS512" => &sign::RSA_PSS_SHA512,
                    other => panic!("RSA has no {other}"),
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
            Self::Elliptic(pair, _) => {
                pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
            }
            Self::Edwards(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with exactly this header and these claims.
    pub(crate) fn token_of(&self, algorithm: &str, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", text(header), text(claims));
        let signature = self.sign(algorithm, signed.as_bytes());
        format!("{signed}.{}", text(signature))
    }

    /// A token with valid claims.
    pub(crate) fn token(&self, algorithm: &str, id: &str) -> String {
        let header = json!({"alg": algorithm, "kid": id, "typ": "JWT"}).to_string();
        self.token_of(algorithm, &header, &claims(&json!({})))
    }
}

/// Valid claims with these changes.
pub(crate) fn claims(changes: &Value) -> String {
    let now = chrono::Utc::now().timestamp();
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "tid": TENANT, "oid": "object", "sub": "subject",
        "iat": now, "nbf": now, "exp": now + 3600, "scp": "A.Read.All",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.to_string()
}

pub(crate) fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn key_set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(crate) fn trusting(keys: &[Value]) -> Issuers {
    let held = KeySource::Inline(key_set(keys));
    Issuers::new(vec![IssuerConfig::new(ISSUER, &[AUDIENCE], held)]).unwrap()
}

pub(crate) async fn caller(issuers: &Issuers, token: &str) -> Result<Caller, Error> {
    caller_at(issuers, token, Utc::now()).await
}

/// The caller of a request at this time.
pub(crate) async fn caller_at(
    issuers: &Issuers,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Caller, Error> {
    let value = format!("Bearer {token}");
    issuers.authenticate(&Headers::from_iter([("Authorization", value)]), now).await
}

pub(crate) async fn is_accepted(issuers: &Issuers, token: &str) -> bool {
    match caller(issuers, token).await {
        Ok(_) => true,
        Err(Error::TokenRefused(_)) => false,
        Err(other) => panic!("an error that nobody expects: {other:?}"),
    }
}

/// Why a token is refused.
pub(crate) async fn reason(issuers: &Issuers, token: &str) -> String {
    match caller(issuers, token).await {
        Err(Error::TokenRefused(reason)) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

/// A temporary folder, which is removed when the value is dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("runstate-auth-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _best_effort = std::fs::remove_dir_all(&self.0);
    }
}
