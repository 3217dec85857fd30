//! The public keys of an issuer, parsed from a JWK set, each with the algorithms that it permits. The
//! key decides the algorithms, never the token. Fetching the set is in `key_source`.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::issuer_name;
use super::verified_signatures::VerifiedSignatures;

/// The maximum number of keys of one set; more are ignored.
const MAX_KEYS: usize = 1000;
/// The accepted sizes of an RSA modulus, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
const RSA_ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// The usable keys of a set, at least one.
pub(in crate::auth) struct KeySet(Vec<Key>);

pub(in crate::auth) struct Key {
    id: Option<String>,
    /// The only issuer that may sign with this key. Some of Entra's keys have one.
    issuer: Option<String>,
    algorithms: Vec<Algorithm>,
    material: DecodingKey,
    verified_signatures: VerifiedSignatures,
}

impl KeySet {
    /// Parses `{"keys":[…]}`. Unusable keys are skipped and logged under `issuer`. `None` if no key is
    /// usable.
    pub(in crate::auth) fn parse(text: &[u8], issuer: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(text).ok()?;
        let mut keys = Vec::new();
        for (index, entry) in document.keys.into_iter().take(MAX_KEYS).enumerate() {
            match Key::parse(entry) {
                Ok(key) => keys.push(key),
                Err(reason) => tracing::info!(issuer, index, reason, "skipped an unusable key"),
            }
        }
        (!keys.is_empty()).then_some(Self(keys))
    }

    pub(in crate::auth) fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether the set has the key of a token with this `kid`. Without a `kid`, a refresh cannot help.
    pub(in crate::auth) fn has(&self, id: Option<&str>) -> bool {
        id.is_none() || self.candidates(id).next().is_some()
    }

    /// The keys with this `kid`. Without a `kid`, the key of a set that has only one.
    pub(in crate::auth) fn candidates(&self, id: Option<&str>) -> impl Iterator<Item = &Key> {
        let is_single = self.0.len() == 1;
        self.0.iter().filter(move |key| match id {
            Some(_) => key.id.as_deref() == id,
            None => is_single,
        })
    }
}

impl Key {
    pub(in crate::auth) fn permits(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// Whether this key may sign tokens of `issuer`, for this tenant.
    pub(in crate::auth) fn may_sign_for(&self, issuer: &str, tenant: &str) -> bool {
        let own = self.issuer.as_ref();
        own.is_none_or(|own| issuer_name::fill(own, tenant) == issuer)
    }

    pub(in crate::auth) fn material(&self) -> &DecodingKey {
        &self.material
    }

    pub(in crate::auth) fn verified_signatures(&self) -> &VerifiedSignatures {
        &self.verified_signatures
    }

    fn parse(entry: Value) -> Result<Self, &'static str> {
        let entry: Entry =
            serde_json::from_value(entry).map_err(|_| "not a JWK, or a member has a wrong type")?;
        if entry.purpose.as_ref().is_some_and(|purpose| purpose != "sig") {
            return Err("`use` is not sig");
        }
        if entry.operations.as_ref().is_some_and(|all| !all.iter().any(|one| one == "verify")) {
            return Err("`key_ops` has no verify");
        }
        let (supported, material) = entry.parse_material()?;
        let algorithms = match &entry.algorithm {
            None => supported.to_vec(),
            Some(name) => vec![parse_algorithm(name, supported).ok_or("`alg` does not fit `kty`")?],
        };
        Ok(Self {
            id: entry.id,
            issuer: entry.issuer,
            algorithms,
            material,
            verified_signatures: VerifiedSignatures::default(),
        })
    }
}

fn parse_algorithm(name: &str, supported: &[Algorithm]) -> Option<Algorithm> {
    name.parse().ok().filter(|algorithm| supported.contains(algorithm))
}

/// The members of a JWK that we read; others are ignored.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "kty")]
    family: String,
    #[serde(rename = "kid")]
    id: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    #[serde(rename = "key_ops")]
    operations: Option<Vec<String>>,
    #[serde(rename = "alg")]
    algorithm: Option<String>,
    issuer: Option<String>,
    #[serde(rename = "crv")]
    curve: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Entry {
    fn parse_material(&self) -> Result<(&'static [Algorithm], DecodingKey), &'static str> {
        match (self.family.as_str(), self.curve.as_deref()) {
            ("RSA", _) => self.parse_rsa(),
            ("EC", Some("P-256")) => self.parse_elliptic(32),
            ("EC", Some("P-384")) => self.parse_elliptic(48),
            ("OKP", Some("Ed25519")) => self.parse_edwards(),
            ("oct", _) => Err("the key is symmetric"),
            _ => Err("`kty` or `crv` is not supported"),
        }
    }

    fn parse_rsa(&self) -> Result<(&'static [Algorithm], DecodingKey), &'static str> {
        let modulus = parse_number(self.n.as_deref()).ok_or("`n` is not a base64url number")?;
        let exponent = parse_number(self.e.as_deref()).ok_or("`e` is not a base64url number")?;
        let unused = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if !RSA_BITS.contains(&(modulus.len() * 8 - unused)) {
            return Err("`n` is not 2048 to 8192 bits long");
        }
        if exponent == [1] || exponent.last().is_some_and(|byte| byte % 2 == 0) {
            return Err("`e` is not a valid RSA exponent");
        }
        Ok((RSA_ALGORITHMS, DecodingKey::from_rsa_raw_components(&modulus, &exponent)))
    }

    fn parse_elliptic(
        &self,
        width: usize,
    ) -> Result<(&'static [Algorithm], DecodingKey), &'static str> {
        let mut point = vec![4];
        for coordinate in [&self.x, &self.y] {
            let bytes = decode(coordinate.as_deref()).filter(|bytes| bytes.len() == width);
            point.extend(bytes.ok_or("`x` or `y` does not fit the curve")?);
        }
        let (algorithms, checked): (&[Algorithm], _) = if width == 32 {
            (&[Algorithm::ES256], ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point))
        } else {
            (&[Algorithm::ES384], ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &point))
        };
        checked.map_err(|_| "the point is not on the curve")?;
        Ok((algorithms, DecodingKey::from_ec_der(&point)))
    }

    fn parse_edwards(&self) -> Result<(&'static [Algorithm], DecodingKey), &'static str> {
        let point = decode(self.x.as_deref()).filter(|bytes| bytes.len() == 32);
        let point = point.ok_or("`x` does not fit the curve")?;
        Ok((&[Algorithm::EdDSA], DecodingKey::from_ed_der(&point)))
    }
}

fn decode(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

/// Parses an unsigned number. Some issuers send leading zeros, which we remove.
fn parse_number(text: Option<&str>) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = decode(text)?.into_iter().skip_while(|byte| *byte == 0).collect();
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests;
