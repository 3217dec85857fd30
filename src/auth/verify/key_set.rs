//! The public keys of one issuer, out of the text of a JWK set, and what each may be used for.
//! The key decides its algorithms, a token never does. Where the text comes from, `key_source`
//! knows.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::issuer_name;
use super::verified_signatures::VerifiedSignatures;

/// The most keys that are kept of one set.
const MOST_KEYS: usize = 1000;
/// The sizes of RSA modulus that are accepted, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
const RSA_ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// The usable keys of a set; there is at least one.
pub(in crate::auth) struct KeySet(Vec<Key>);

/// One key that verifies signatures.
pub(in crate::auth) struct Key {
    id: Option<String>,
    /// Entra says for some keys which issuer alone may sign with them.
    issuer: Option<String>,
    algorithms: Vec<Algorithm>,
    material: DecodingKey,
    verified: VerifiedSignatures,
}

impl KeySet {
    /// Reads `{"keys":[…]}`; keys that cannot be used are left out, with a line in the log of
    /// `issuer`. `None` where no usable key is left.
    pub(in crate::auth) fn parse(text: &[u8], issuer: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(text).ok()?;
        let mut keys = Vec::new();
        for (index, entry) in document.keys.into_iter().take(MOST_KEYS).enumerate() {
            match Key::read(entry) {
                Ok(key) => keys.push(key),
                Err(reason) => tracing::info!(issuer, index, reason, "a key is left out"),
            }
        }
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// Whether a newer set could not help to find this key.
    pub(in crate::auth) fn knows(&self, id: Option<&str>) -> bool {
        id.is_none() || self.candidates(id).next().is_some()
    }

    /// The keys that a token with this `kid` can mean; without one, the only key there is.
    pub(in crate::auth) fn candidates(&self, id: Option<&str>) -> impl Iterator<Item = &Key> {
        let only = self.0.len() == 1;
        self.0.iter().filter(move |key| match id {
            Some(_) => key.id.as_deref() == id,
            None => only,
        })
    }
}

impl Key {
    pub(in crate::auth) fn permits(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// Whether this key may sign tokens of `issuer`, for this tenant.
    pub(in crate::auth) fn may_vouch_for(&self, issuer: &str, tenant: &str) -> bool {
        let own = self.issuer.as_ref();
        own.is_none_or(|own| issuer_name::filled(own, tenant) == issuer)
    }

    pub(in crate::auth) fn material(&self) -> &DecodingKey {
        &self.material
    }

    /// The signatures that it is known to have made.
    pub(in crate::auth) fn verified(&self) -> &VerifiedSignatures {
        &self.verified
    }

    fn read(entry: Value) -> Result<Self, &'static str> {
        let entry: Entry = serde_json::from_value(entry)
            .map_err(|_| "it is not a JWK, or a member has a wrong type")?;
        if entry.purpose.as_ref().is_some_and(|purpose| purpose != "sig") {
            return Err("its use is not sig");
        }
        if entry.operations.as_ref().is_some_and(|all| !all.iter().any(|one| one == "verify")) {
            return Err("its key_ops has no verify");
        }
        let (of_type, material) = entry.material()?;
        let algorithms = match &entry.algorithm {
            None => of_type.to_vec(),
            Some(name) => vec![named(name, of_type).ok_or("its alg is not one of its type")?],
        };
        let verified = VerifiedSignatures::default();
        Ok(Self { id: entry.id, issuer: entry.issuer, algorithms, material, verified })
    }
}

fn named(name: &str, of_type: &[Algorithm]) -> Option<Algorithm> {
    name.parse().ok().filter(|algorithm| of_type.contains(algorithm))
}

/// The members of a JWK that are read; its others do not matter.
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
    fn material(&self) -> Result<(&'static [Algorithm], DecodingKey), &'static str> {
        match (self.family.as_str(), self.curve.as_deref()) {
            ("RSA", _) => self.rsa(),
            ("EC", Some("P-256")) => self.elliptic(32),
            ("EC", Some("P-384")) => self.elliptic(48),
            ("OKP", Some("Ed25519")) => self.edwards(),
            ("oct", _) => Err("it is symmetric"),
            _ => Err("its type or curve is unknown"),
        }
    }

    fn rsa(&self) -> Result<(&'static [Algorithm], DecodingKey), &'static str> {
        let modulus = number(self.n.as_deref()).ok_or("its modulus cannot be read")?;
        let exponent = number(self.e.as_deref()).ok_or("its exponent cannot be read")?;
        let unused = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if !RSA_BITS.contains(&(modulus.len() * 8 - unused)) {
            return Err("its modulus is shorter or longer than permitted");
        }
        if exponent == [1] || exponent.last().is_some_and(|byte| byte % 2 == 0) {
            return Err("its exponent is not that of an RSA key");
        }
        Ok((RSA_ALGORITHMS, DecodingKey::from_rsa_raw_components(&modulus, &exponent)))
    }

    fn elliptic(&self, width: usize) -> Result<(&'static [Algorithm], DecodingKey), &'static str> {
        let mut point = vec![4];
        for coordinate in [&self.x, &self.y] {
            let bytes = decoded(coordinate.as_deref()).filter(|bytes| bytes.len() == width);
            point.extend(bytes.ok_or("its coordinates do not fit its curve")?);
        }
        let (algorithms, sound): (&[Algorithm], _) = if width == 32 {
            (&[Algorithm::ES256], ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point))
        } else {
            (&[Algorithm::ES384], ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &point))
        };
        sound.map_err(|_| "its point is not on its curve")?;
        Ok((algorithms, DecodingKey::from_ec_der(&point)))
    }

    fn edwards(&self) -> Result<(&'static [Algorithm], DecodingKey), &'static str> {
        let point = decoded(self.x.as_deref()).filter(|bytes| bytes.len() == 32);
        let point = point.ok_or("its point does not fit its curve")?;
        Ok((&[Algorithm::EdDSA], DecodingKey::from_ed_der(&point)))
    }
}

fn decoded(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

/// An unsigned number without the leading zeros that some issuers send.
fn number(text: Option<&str>) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = decoded(text)?.into_iter().skip_while(|byte| *byte == 0).collect();
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests;
