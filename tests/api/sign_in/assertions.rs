//! Which client assertions are accepted? Clients write them in many ways, each here as one of them does.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{World, claims, new_application};
use crate::harness::Reply;

/// The key and the certificate of the client, both in DER.
static CLIENT: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    (key.serialize_der(), certificate.der().to_vec())
});
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An application with a certificate and no secret.
struct Client {
    world: World,
    id: Uuid,
}

impl Client {
    async fn start() -> Self {
        let (world, id) = (World::start().await, Uuid::new_v4());
        let mut application = new_application(id);
        application.is_public = false;
        application.certificates = vec![CLIENT.1.clone()];
        let mut registration = world.registration().await;
        registration.add_application(world.tenant, &application).await.unwrap();
        registration.commit().await.unwrap();
        Self { world, id }
    }

    fn audience(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.world.server.base(), self.world.tenant)
    }

    /// Valid claims with these changes.
    fn claims(&self, changes: &Json) -> Json {
        let now = chrono::Utc::now().timestamp();
        let mut claims = json!({
            "aud": self.audience(), "iss": self.id, "sub": self.id,
            "exp": now + 600, "nbf": now, "jti": Uuid::new_v4(),
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    async fn send(&self, assertion: &str) -> Reply {
        let form = self.world.credentials(&[
            ("client_id", ""),
            ("client_secret", ""),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion),
        ]);
        self.world.send(&form).await
    }

    async fn send_claims(&self, changes: &Json) -> Reply {
        let header = header(&json!({}));
        self.send(&assertion(&header, &self.claims(changes), &URL_SAFE_NO_PAD)).await
    }
}

/// The header of msal for Python, with these changes.
fn header(changes: &Json) -> Json {
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &CLIENT.1));
    let mut header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint});
    for (name, value) in changes.as_object().unwrap() {
        header[name] = value.clone();
    }
    header.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    header
}

fn assertion(header: &Json, claims: &Json, encoding: &impl Engine) -> String {
    let key = KeyPair::from_pkcs8(&CLIENT.0).unwrap();
    let signed = [header, claims].map(|part| encoding.encode(part.to_string())).join(".");
    let padding: &dyn RsaEncoding = match header["alg"].as_str() {
        Some("RS256") => &RSA_PKCS1_SHA256,
        _ => &RSA_PSS_SHA256,
    };
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    key.sign(padding, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", encoding.encode(signature))
}

#[tokio::test]
async fn an_application_gets_a_token_with_its_certificate() {
    let client = Client::start().await;
    let body = client.send_claims(&json!({})).await.ok();
    assert_eq!(claims(&body["access_token"])["appidacr"], "2");
    assert_eq!(claims(&body["access_token"])["appid"], json!(client.id));
}

#[tokio::test]
async fn thumbprints_come_in_each_spelling_of_the_field() {
    let client = Client::start().await;
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, &CLIENT.1);
    let sha256 = digest(&SHA256, &CLIENT.1);
    let hexadecimal: String = sha1.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    for changes in [
        json!({"alg": "RS256"}),
        json!({"x5t#S256": STANDARD.encode(sha256)}),
        json!({"x5t#S256": URL_SAFE.encode(sha256)}),
        json!({"x5t#S256": null, "x5t": URL_SAFE.encode(sha1), "alg": "RS256"}),
        json!({"x5t#S256": null, "x5t": STANDARD.encode(sha1)}),
        json!({"x5t#S256": null, "x5t": hexadecimal}),
        json!({"x5t#S256": null}),
    ] {
        let assertion = assertion(&header(&changes), &client.claims(&json!({})), &URL_SAFE_NO_PAD);
        assert_eq!(client.send(&assertion).await.status, 200, "{changes}");
    }
}

#[tokio::test]
async fn parts_are_padded_or_not_and_times_are_numbers_fractions_or_texts() {
    let client = Client::start().await;
    let padded = assertion(&header(&json!({})), &client.claims(&json!({"x": "a"})), &URL_SAFE);
    assert!(padded.contains('='), "{padded}");
    client.send(&padded).await.ok();
    let now = chrono::Utc::now().timestamp();
    for times in [
        json!({"exp": now as f64 + 600.5, "nbf": now as f64 + 0.25}),
        json!({"exp": (now + 600).to_string(), "nbf": now.to_string()}),
        // The clocks may differ by 300 seconds; a slow machine needs some of them.
        json!({"exp": now - 200}),
        json!({"nbf": now + 290}),
    ] {
        client.send_claims(&times).await.ok();
    }
    for times in [
        json!({"exp": now - 301}),
        json!({"nbf": now + 400}),
        json!({"exp": "soon"}),
        json!({"exp": null}),
        json!({"exp": "NaN"}),
        json!({"nbf": {}}),
    ] {
        client.send_claims(&times).await.sign_in_refused(401, "invalid_client", 700_024);
    }
}

#[tokio::test]
async fn the_audience_is_the_token_endpoint_or_the_issuer() {
    let client = Client::start().await;
    let issuer = format!("{}/{}/v2.0", client.world.server.base(), client.world.tenant);
    for audience in [json!(issuer), json!([client.audience()]), json!(format!("{issuer}/"))] {
        client.send_claims(&json!({ "aud": audience })).await.ok();
    }
    for audience in [
        json!("https://login.microsoftonline.com/common/oauth2/v2.0/token"),
        json!([client.audience(), "https://other.example"]),
        json!(client.world.server.base()),
        json!(null),
    ] {
        let reply = client.send_claims(&json!({ "aud": audience })).await;
        reply.sign_in_refused(401, "invalid_client", 700_023);
    }
}

#[tokio::test]
async fn a_signature_is_checked_strictly() {
    let client = Client::start().await;
    let good = assertion(&header(&json!({})), &client.claims(&json!({})), &URL_SAFE_NO_PAD);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let other = assertion(&header(&json!({})), &client.claims(&json!({})), &URL_SAFE_NO_PAD);
    let (_, of_other) = other.rsplit_once('.').unwrap();
    let zeros = URL_SAFE_NO_PAD.encode([0; 256]);
    for forged in [of_other, &zeros, &signature[..signature.len() - 6], ""] {
        let reply = client.send(&format!("{signed}.{forged}")).await;
        reply.sign_in_refused(401, "invalid_client", 700_027);
    }
    // The same bytes in another spelling: with a bit behind the last byte, and with too much padding.
    let (start, last) = signature.split_at(signature.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    for spelt in [format!("{start}{next}"), format!("{signature}===")] {
        let reply = client.send(&format!("{signed}.{spelt}")).await;
        reply.sign_in_refused(401, "invalid_client", 50_027);
    }
    let unknown = URL_SAFE_NO_PAD.encode(digest(&SHA256, b"another certificate"));
    let unknown = header(&json!({ "x5t#S256": unknown }));
    let unknown = assertion(&unknown, &client.claims(&json!({})), &URL_SAFE_NO_PAD);
    client.send(&unknown).await.sign_in_refused(401, "invalid_client", 700_027);
    for changes in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "RS512"}),
        json!({"crit": ["exp"]}),
        json!({"x5t#S256": "short"}),
    ] {
        let assertion = assertion(&header(&changes), &client.claims(&json!({})), &URL_SAFE_NO_PAD);
        client.send(&assertion).await.sign_in_refused(401, "invalid_client", 50_027);
    }
}

#[tokio::test]
async fn an_assertion_names_its_own_application_only() {
    let client = Client::start().await;
    let other = client.world.application;
    let reply = client.send_claims(&json!({ "sub": other })).await;
    reply.sign_in_refused(401, "invalid_client", 50_027);
    // The other application has no certificate.
    let reply = client.send_claims(&json!({ "iss": other, "sub": other })).await;
    reply.sign_in_refused(401, "invalid_client", 700_027);
    let assertion = assertion(&header(&json!({})), &client.claims(&json!({})), &URL_SAFE_NO_PAD);
    let other = other.to_string();
    let form = client.world.credentials(&[
        ("client_id", &other),
        ("client_secret", ""),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ]);
    client.world.send(&form).await.sign_in_refused(400, "invalid_request", 90_013);
    for text in ["", "a.b", "a.b.c", "....", "e30.e30.e30"] {
        let reply = client.send(text).await;
        assert!([400, 401].contains(&reply.status), "{text}: {reply:?}");
    }
}
