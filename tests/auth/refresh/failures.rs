//! Keys that cannot be fetched, and answers that are no keys.

use std::time::Duration;

use runstate::auth::{IssuerConfig, Issuers, KeySource, RefreshIntervals};

use super::{SHORT, long_intervals, no_intervals, of, trusting};
use crate::key_server::{Answer, KeyServer};
use crate::support::{AUDIENCE, ISSUER, Signer, is_accepted, key_set, reason};

/// A timeout that the server of a test only reaches by its silence.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn an_unreachable_https_endpoint_refuses_the_token() {
    let keys = KeySource::JwksUri("https://127.0.0.1:1/keys".into());
    let config = IssuerConfig::new(ISSUER, &[AUDIENCE], keys);
    let issuers = Issuers::with_refresh_intervals(vec![config], long_intervals()).unwrap();
    let token = Signer::p256().token("ES256", "k");
    assert!(reason(&issuers, &token).await.contains("never loaded"));
}

#[tokio::test]
async fn a_failed_refresh_keeps_the_last_good_keys() {
    let signer = Signer::p256();
    let server = KeyServer::start(of(&[(&signer, "k")])).await;
    let intervals = RefreshIntervals { fetch_timeout: FETCH_TIMEOUT, ..no_intervals() };
    let issuers = trusting(&server, intervals);
    assert!(is_accepted(&issuers, &signer.token("ES256", "k")).await);
    let elsewhere = Signer::p256();
    server.answer("/elsewhere", of(&[(&elsewhere, "x")]));
    for answer in [
        Answer::Status(500),
        Answer::Status(204),
        Answer::Silence,
        Answer::Endless,
        Answer::Redirect("/elsewhere".into()),
        Answer::Body("<html>".into()),
        Answer::Body(r#"{"keys":[]}"#.into()),
        Answer::Body(r#"{"keys":[{"kty":"oct","kid":"x","k":"AAAA"}]}"#.into()),
        Answer::Body(key_set(&[elsewhere.jwk("x")]) + &" ".repeat(1024 * 1024)),
    ] {
        let before = server.requests();
        server.answer("/keys", answer);
        assert!(!is_accepted(&issuers, &elsewhere.token("ES256", "x")).await);
        assert_eq!(server.requests(), before + 1);
        assert!(is_accepted(&issuers, &signer.token("ES256", "k")).await);
    }
}

#[tokio::test]
async fn a_failed_first_fetch_refuses_the_token_and_is_retried_after_a_pause() {
    let signer = Signer::p256();
    let server = KeyServer::start(Answer::Status(503)).await;
    let token = signer.token("ES256", "k");
    let within_pause = trusting(&server, long_intervals());
    for _ in 0..3 {
        assert!(reason(&within_pause, &token).await.contains("never loaded"));
    }
    assert_eq!(server.requests(), 1);
    let pause = RefreshIntervals { min_interval_without_keys: SHORT, ..long_intervals() };
    let after_pause = trusting(&server, pause);
    assert!(reason(&after_pause, &token).await.contains("never loaded"));
    server.answer("/keys", of(&[(&signer, "k")]));
    tokio::time::sleep(SHORT).await;
    assert!(is_accepted(&after_pause, &token).await);
    assert_eq!(server.requests(), 3);
    assert!(reason(&within_pause, &token).await.contains("never loaded"));
}

#[tokio::test]
async fn a_discovery_document_is_accepted_only_for_its_own_issuer() {
    let signer = Signer::p256();
    let server = KeyServer::start(of(&[(&signer, "k")])).await;
    let keys = server.address("/keys");
    let document = |issuer: &str, keys: &str| {
        Answer::Body(serde_json::json!({"issuer": issuer, "jwks_uri": keys}).to_string())
    };
    let source = || KeySource::Discovery(server.address("/discovery"));
    let token = signer.token("ES256", "k");
    for (answer, accepted) in [
        (document(ISSUER, &keys), true),
        (document("https://login.example.org/v2.0/", &keys), false),
        (document(ISSUER, "http://login.example.org/keys"), false),
        // An address of this machine, but not one of the permitted names.
        (document(ISSUER, &keys.replace("127.0.0.1", "0.0.0.0")), false),
        (document(ISSUER, "file:///etc/passwd"), false),
        (Answer::Body("{}".into()), false),
        (Answer::Redirect("/keys".into()), false),
    ] {
        server.answer("/discovery", answer);
        let config = IssuerConfig::new(ISSUER, &[AUDIENCE], source());
        let issuers = Issuers::with_refresh_intervals(vec![config], long_intervals()).unwrap();
        assert_eq!(is_accepted(&issuers, &token).await, accepted);
    }
}
