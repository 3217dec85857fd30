//! Client assertions: tokens with which an application authenticates by its certificate (RFC 7523).
//! Reads them as loosely as Entra does: clients write base64 in both alphabets, padded or not, and times as
//! numbers with a fraction or as texts. The signature is checked strictly. Does not know where certificates
//! are kept.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use serde_json::Value;
use uuid::Uuid;

use super::verify::UniqueObject;
use super::verify::claims::CLOCK_SKEW;
use crate::error::SignInReason;
use crate::odata::decode_base64;

/// A client assertion that is not verified yet.
pub struct ClientAssertion<'text> {
    /// The encoded header and claims, which the signature covers.
    signed: &'text str,
    signature: Vec<u8>,
    algorithm: &'static RsaParameters,
    /// The certificate's SHA-1 or SHA-256, if the header names it.
    thumbprint: Option<Vec<u8>>,
    claims: UniqueObject,
}

impl<'text> ClientAssertion<'text> {
    /// Reads an assertion.
    ///
    /// # Errors
    /// [`SignInReason::AssertionInvalid`].
    pub fn parse(text: &'text str) -> Result<Self, SignInReason> {
        let invalid = |expected| SignInReason::AssertionInvalid { expected };
        let parts = text.rsplit_once('.').and_then(|(signed, signature)| {
            let (header, claims) = signed.split_once('.')?;
            Some((
                signed,
                decode_base64(signature)?,
                decode_base64(header)?,
                decode_base64(claims)?,
            ))
        });
        let (signed, signature, header, claims) =
            parts.ok_or(invalid("it must have three parts in base64url"))?;
        let header = UniqueObject::parse(&header)
            .ok_or(invalid("its header must be a JSON object without repeated members"))?;
        let claims = UniqueObject::parse(&claims)
            .ok_or(invalid("its claims must be a JSON object without repeated members"))?;
        if header.get("crit").is_some() || header.get("b64").is_some() {
            return Err(invalid("its header must not have crit or b64"));
        }
        let algorithm = match header.get("alg").and_then(Value::as_str) {
            Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
            Some("PS256") => &RSA_PSS_2048_8192_SHA256,
            _ => return Err(invalid("its alg must be RS256 or PS256")),
        };
        let named = ["x5t#S256", "x5t"].into_iter().find_map(|name| header.get(name));
        let thumbprint = match named {
            None => None,
            Some(named) => Some(
                named.as_str().and_then(decode_thumbprint).ok_or(invalid("its x5t is no hash"))?,
            ),
        };
        Ok(Self { signed, signature, algorithm, thumbprint, claims })
    }

    /// The client that the assertion names, before verification.
    #[must_use]
    pub fn unverified_client(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }

    /// Checks that an application signed the assertion with one of its certificates (in DER), for one of
    /// these audiences. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// One of the reasons for assertions.
    pub fn verify(
        &self,
        application: Uuid,
        certificates: &[Vec<u8>],
        audiences: &[String],
        now: i64,
    ) -> Result<(), SignInReason> {
        if !certificates.iter().any(|certificate| self.is_signed_with(certificate)) {
            return Err(SignInReason::AssertionUnknown { application: application.to_string() });
        }
        for name in ["iss", "sub"] {
            let named = self.claims.get(name).and_then(Value::as_str);
            if named.and_then(|id| Uuid::try_parse(id).ok()) != Some(application) {
                let expected = "its iss and sub must be the id of the application";
                return Err(SignInReason::AssertionInvalid { expected });
            }
        }
        let audience = match self.claims.get("aud") {
            Some(Value::String(one)) => Some(one.as_str()),
            Some(Value::Array(list)) if list.len() == 1 => list[0].as_str(),
            _ => None,
        };
        let is_ours = |audience: &str| audiences.iter().any(|own| is_same(own, audience));
        if !audience.is_some_and(is_ours) {
            return Err(SignInReason::AssertionAudience);
        }
        let now = now as f64;
        let end = self.claims.get("exp").and_then(seconds);
        let is_current = match (end, self.claims.get("nbf").map(seconds)) {
            (Some(end), None) => now < end + CLOCK_SKEW,
            (Some(end), Some(Some(start))) => now < end + CLOCK_SKEW && now >= start - CLOCK_SKEW,
            _ => false,
        };
        if is_current { Ok(()) } else { Err(SignInReason::AssertionTime) }
    }

    fn is_signed_with(&self, certificate: &[u8]) -> bool {
        if let Some(named) = &self.thumbprint {
            let own = match named.len() {
                20 => digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate),
                _ => digest::digest(&SHA256, certificate),
            };
            if own.as_ref() != named {
                return false;
            }
        }
        let certificate = CertificateDer::from(certificate);
        let Ok(certificate) = ParsedCertificate::try_from(&certificate) else { return false };
        let key = certificate.subject_public_key_info();
        let key = UnparsedPublicKey::new(self.algorithm, key.as_ref());
        key.verify(self.signed.as_bytes(), &self.signature).is_ok()
    }
}

/// Decodes a SHA-1 or SHA-256 in hexadecimal digits or in base64.
fn decode_thumbprint(text: &str) -> Option<Vec<u8>> {
    let is_hexadecimal =
        [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = match is_hexadecimal {
        true => (0..text.len() / 2)
            .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok())
            .collect(),
        false => decode_base64(text),
    };
    bytes.filter(|bytes| [20, 32].contains(&bytes.len()))
}

/// Reads a time in seconds: a number, or a text with one.
fn seconds(value: &Value) -> Option<f64> {
    let seconds = match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    };
    seconds.filter(|seconds| seconds.is_finite())
}

/// Whether two addresses are the same; the case of letters and a slash at the end do not count.
fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}
