//! Which signatures are valid, and attacks on them.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::{Signer, claims, is_accepted, reason, text, trusting};

const RSA_ALGORITHMS: [&str; 6] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

fn good() -> String {
    claims(&json!({}))
}

#[tokio::test]
async fn every_permitted_algorithm_is_verified() {
    let signers = [Signer::rsa(), Signer::p256(), Signer::p384(), Signer::edwards()];
    let keys: Vec<Value> =
        signers.iter().zip(["r", "p", "q", "e"]).map(|(s, id)| s.jwk(id)).collect();
    let issuers = trusting(&keys);
    for algorithm in RSA_ALGORITHMS {
        assert!(is_accepted(&issuers, &signers[0].token(algorithm, "r")).await, "{algorithm}");
    }
    for (signer, algorithm, id) in
        [(&signers[1], "ES256", "p"), (&signers[2], "ES384", "q"), (&signers[3], "EdDSA", "e")]
    {
        assert!(is_accepted(&issuers, &signer.token(algorithm, id)).await, "{algorithm}");
    }
}

#[tokio::test]
async fn an_unsigned_token_is_refused_however_none_is_spelled() {
    let issuers = trusting(&[Signer::rsa().jwk("r")]);
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = json!({"alg": none, "kid": "r"}).to_string();
        let signed = format!("{}.{}", text(header), text(good()));
        assert!(!is_accepted(&issuers, &format!("{signed}.")).await);
        assert!(!is_accepted(&issuers, &format!("{signed}.AAAA")).await);
        assert!(!is_accepted(&issuers, &signed).await);
    }
}

#[tokio::test]
async fn a_public_key_is_not_accepted_as_an_hmac_secret() {
    let signer = Signer::rsa();
    let issuers = trusting(&[signer.jwk("r")]);
    let der = signer.public_der();
    let body = STANDARD.encode(&der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|l| str::from_utf8(l).unwrap()).collect();
    let pem =
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
    let jwk = signer.jwk("r").to_string();
    for secret in [der.as_slice(), pem.as_bytes(), pem.trim_end().as_bytes(), jwk.as_bytes()] {
        for header in [r#"{"alg":"HS256","kid":"r"}"#, r#"{"alg":"RS256","kid":"r"}"#] {
            let signed = format!("{}.{}", text(header), text(good()));
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let tag = text(hmac::sign(&key, signed.as_bytes()));
            assert!(!is_accepted(&issuers, &format!("{signed}.{tag}")).await, "{header}");
        }
    }
}

#[tokio::test]
async fn a_key_verifies_only_its_own_algorithm() {
    let signer = Signer::rsa();
    let mut jwk = signer.jwk("r");
    jwk["alg"] = json!("RS256");
    let issuers = trusting(&[jwk]);
    assert!(is_accepted(&issuers, &signer.token("RS256", "r")).await);
    for other in &RSA_ALGORITHMS[1..] {
        assert!(!is_accepted(&issuers, &signer.token(other, "r")).await, "{other}");
    }
    for (other, algorithm) in [(Signer::p256(), "ES256"), (Signer::edwards(), "EdDSA")] {
        let why = reason(&issuers, &other.token(algorithm, "r")).await;
        assert_eq!(why, "the key is not for the token's algorithm");
    }
}

#[tokio::test]
async fn a_key_in_the_header_of_a_token_is_ignored() {
    let [trusted, attacker] = [Signer::rsa(), Signer::rsa()];
    let issuers = trusting(&[trusted.jwk("r")]);
    for (id, brought) in [("r", "jwk"), ("evil", "jwk"), ("r", "jku"), ("r", "x5u"), ("r", "x5c")] {
        let mut header = json!({"alg": "RS256", "kid": id});
        header[brought] = match brought {
            "jwk" => attacker.jwk(id),
            "x5c" => json!([STANDARD.encode(attacker.public_der())]),
            _ => json!("http://127.0.0.1:1/keys"),
        };
        let token = attacker.token_of("RS256", &header.to_string(), &good());
        assert!(!is_accepted(&issuers, &token).await, "{header}");
        let token = trusted.token_of("RS256", &header.to_string(), &good());
        assert_eq!(is_accepted(&issuers, &token).await, id == "r", "{header}");
    }
}

#[tokio::test]
async fn a_signed_header_with_crit_or_duplicate_members_is_refused() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    for header in [
        r#"{"alg":"ES256","kid":"k","crit":["exp"],"exp":1}"#,
        r#"{"alg":"ES256","kid":"k","crit":[]}"#,
        r#"{"alg":"ES256","kid":"k","b64":false}"#,
        r#"{"alg":"ES256","kid":"k","b64":true}"#,
        r#"{"alg":"none","alg":"ES256","kid":"k"}"#,
        r#"{"alg":"ES256","kid":"x","kid":"k"}"#,
        r#"{"alg":"ES256","kid":7}"#,
        r#"["ES256"]"#,
    ] {
        let token = signer.token_of("ES256", header, &good());
        assert!(!is_accepted(&issuers, &token).await, "{header}");
    }
}

#[tokio::test]
async fn signed_claims_with_duplicates_are_refused() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    for twice in [r#""tid":"99999999-2222-3333-4444-555555555555""#, r#""exp":1"#, r#""x":1,"x":1"#]
    {
        let claims = good().replacen('{', &format!("{{{twice},"), 1);
        let token = signer.token_of("ES256", r#"{"alg":"ES256","kid":"k"}"#, &claims);
        assert!(reason(&issuers, &token).await.contains("repeated"), "{twice}");
    }
}

#[tokio::test]
async fn a_token_without_kid_needs_an_issuer_with_one_key() {
    let [signer, second] = [Signer::p256(), Signer::p256()];
    let token = signer.token_of("ES256", r#"{"alg":"ES256"}"#, &good());
    assert!(is_accepted(&trusting(&[signer.jwk("k")]), &token).await);
    let issuers = trusting(&[signer.jwk("k"), second.jwk("l")]);
    assert!(reason(&issuers, &token).await.contains("no kid"));
}

#[tokio::test]
async fn a_hostile_kid_is_treated_as_unknown() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let long = "k".repeat(10_000);
    for id in ["../../etc/passwd", "' OR 1=1 --", "", "K", "k\0", "k ", &long, "http://evil/"] {
        let header = json!({"alg": "ES256", "kid": id}).to_string();
        let token = signer.token_of("ES256", &header, &good());
        let why = reason(&issuers, &token).await;
        assert_eq!(why, "the issuer has no key with the token's kid");
    }
}

#[tokio::test]
async fn a_signature_is_valid_only_whole_and_for_its_own_token() {
    for (signer, algorithm) in
        [(Signer::rsa(), "RS256"), (Signer::p256(), "ES256"), (Signer::edwards(), "EdDSA")]
    {
        let issuers = trusting(&[signer.jwk("k")]);
        let token = signer.token(algorithm, "k");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let header = json!({"alg": algorithm, "kid": "k"}).to_string();
        let other = signer.token_of(algorithm, &header, &claims(&json!({"scp": "B"})));
        let length = signature.len();
        let zero = text(vec![0; signer.sign(algorithm, b"").len()]);
        for forged in [
            String::new(),
            signature[..length - 4].to_owned(),
            format!("{signature}AAAA"),
            format!("{signature}=="),
            format!("{signature}."),
            signature.replace(['-', '_'], "+") + "+",
            text(signature),
            other.rsplit_once('.').unwrap().1.to_owned(),
            zero,
        ] {
            assert!(!is_accepted(&issuers, &format!("{signed}.{forged}")).await, "{algorithm}");
        }
        let other_claims = other.split('.').nth(1).unwrap();
        let swapped = format!("{}.{other_claims}.{signature}", token.split_once('.').unwrap().0);
        assert!(!is_accepted(&issuers, &swapped).await, "{algorithm}");
        assert!(is_accepted(&issuers, &token).await, "{algorithm}");
    }
}

#[tokio::test]
async fn an_ecdsa_signature_is_valid_in_no_other_encoding() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let token = signer.token("ES256", "k");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let fixed = URL_SAFE_NO_PAD.decode(signature).unwrap();
    // The same two numbers in DER, as X.509 has them; a leading zero keeps each positive.
    let number = |half: &[u8]| [&[2, 33, 0], half].concat();
    let der = [vec![0x30, 70], number(&fixed[..32]), number(&fixed[32..])].concat();
    let padded = [&[0], fixed.as_slice()].concat();
    for other in [der, padded, [fixed.as_slice(), &[0]].concat()] {
        assert!(!is_accepted(&issuers, &format!("{signed}.{}", text(other))).await);
    }
    assert!(!is_accepted(&issuers, &format!("{signed}.{}", STANDARD.encode(&fixed))).await);
    assert!(is_accepted(&issuers, &token).await);
}

#[tokio::test]
async fn an_expired_token_is_accepted_for_five_minutes_only() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let now = chrono::Utc::now().timestamp();
    for (end, accepted) in [(now - 290, true), (now - 301, false)] {
        let claims = claims(&json!({ "exp": end }));
        let token = signer.token_of("ES256", r#"{"alg":"ES256","kid":"k"}"#, &claims);
        assert_eq!(is_accepted(&issuers, &token).await, accepted);
    }
}

#[tokio::test]
async fn truncated_and_altered_tokens_are_refused_without_a_panic() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let token = signer.token("ES256", "k");
    for place in 1..token.len() {
        assert!(!is_accepted(&issuers, &token[..place]).await);
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        assert!(!is_accepted(&issuers, str::from_utf8(&bytes).unwrap()).await, "byte {place}");
    }
}
