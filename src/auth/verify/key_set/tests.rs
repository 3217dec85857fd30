//! Which keys of a set are usable, and with which algorithms.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::*;

fn bytes(count: usize) -> String {
    URL_SAFE_NO_PAD.encode(vec![0xab; count])
}

fn rsa(changes: &Value) -> Value {
    let mut key = json!({"kty": "RSA", "kid": "r", "n": bytes(256), "e": "AQAB"});
    for (name, value) in changes.as_object().unwrap() {
        key[name] = value.clone();
    }
    key
}

fn p256() -> Value {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
    json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": x, "y": y})
}

fn set(keys: &[Value]) -> Option<KeySet> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), "urn:test")
}

fn algorithms(key: Value) -> Vec<Algorithm> {
    set(&[key]).unwrap().0.remove(0).algorithms
}

#[test]
fn a_key_permits_the_algorithms_of_its_type_or_the_one_it_names() {
    assert_eq!(algorithms(rsa(&json!({}))), RSA_ALGORITHMS);
    assert_eq!(algorithms(rsa(&json!({"alg": "PS384"}))), [Algorithm::PS384]);
    assert_eq!(algorithms(p256()), [Algorithm::ES256]);
    let edwards = json!({"kty": "OKP", "crv": "Ed25519", "x": bytes(32)});
    assert_eq!(algorithms(edwards), [Algorithm::EdDSA]);
}

#[test]
fn unusable_keys_are_skipped() {
    let mut off_curve = p256();
    off_curve["y"] = off_curve["x"].clone();
    let unusable = [
        json!(7),
        json!({}),
        json!({"kty": "oct", "k": bytes(32)}),
        json!({"kty": "EC", "crv": "secp256k1", "x": bytes(32), "y": bytes(32)}),
        json!({"kty": "EC", "crv": "P-256", "x": bytes(31), "y": bytes(32)}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": bytes(31)}),
        json!({"kty": "OKP", "crv": "Ed448", "x": bytes(57)}),
        off_curve,
        rsa(&json!({"use": "enc"})),
        rsa(&json!({"key_ops": ["sign"]})),
        rsa(&json!({"n": bytes(255)})),
        rsa(&json!({"n": bytes(1025)})),
        rsa(&json!({"n": "!"})),
        rsa(&json!({"e": ""})),
        rsa(&json!({"e": "AQ"})),
        rsa(&json!({"e": "Ag"})),
        rsa(&json!({"kid": 7})),
        rsa(&json!({"alg": "RSA-OAEP"})),
        rsa(&json!({"alg": "HS256"})),
        rsa(&json!({"alg": "ES256"})),
    ];
    for key in &unusable {
        assert!(set(std::slice::from_ref(key)).is_none(), "{key}");
    }
    let mut all = unusable.to_vec();
    all.push(rsa(&json!({"use": "sig", "key_ops": ["verify"]})));
    assert_eq!(set(&all).unwrap().0.len(), 1);
}

#[test]
fn leading_zeros_of_a_modulus_are_ignored() {
    let with_zero = |count| {
        let mut modulus = vec![0xab; count];
        modulus[0] = 0;
        json!({"n": URL_SAFE_NO_PAD.encode(modulus)})
    };
    assert!(set(&[rsa(&with_zero(257))]).is_some());
    assert!(set(&[rsa(&with_zero(256))]).is_none());
}

#[test]
fn a_token_without_kid_means_the_only_key() {
    let one = set(&[rsa(&json!({}))]).unwrap();
    let two = set(&[rsa(&json!({})), p256()]).unwrap();
    assert_eq!(one.candidates(None).count(), 1);
    assert_eq!(two.candidates(None).count(), 0);
    assert_eq!(two.candidates(Some("e")).count(), 1);
    assert_eq!(two.candidates(Some("E")).count(), 0);
}

#[test]
fn a_key_of_one_issuer_may_not_sign_for_another() {
    let may_sign = |own: &str, issuer: &str| {
        let keys = set(&[rsa(&json!({ "issuer": own }))]).unwrap();
        keys.0[0].may_sign_for(issuer, "t")
    };
    assert!(may_sign("https://a/{tenantid}/", "https://a/t/"));
    assert!(may_sign("https://a/t/", "https://a/t/"));
    assert!(!may_sign("https://a/u/", "https://a/t/"));
    assert!(!may_sign("https://a/{tenantid}/", "https://a/u/"));
}
