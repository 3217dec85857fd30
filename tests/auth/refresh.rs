//! When the server fetches keys, and what happens while it cannot fetch them.

use std::sync::Arc;
use std::time::Duration;

use runstate::auth::{IssuerConfig, Issuers, KeySource, RefreshIntervals};
use tokio::sync::Notify;

use crate::key_server::{Answer, KeyServer};
use crate::support::{AUDIENCE, Folder, ISSUER, Signer, is_accepted, key_set, reason};

const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(50);
/// A timeout that the server of a test only reaches by its silence.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Intervals so long that no fetch is repeated during a test.
fn long_intervals() -> RefreshIntervals {
    RefreshIntervals {
        min_interval: LONG,
        min_interval_without_keys: LONG,
        max_age: LONG,
        fetch_timeout: LONG,
    }
}

/// Intervals with which each unknown key id causes a fetch.
fn no_intervals() -> RefreshIntervals {
    RefreshIntervals {
        min_interval: Duration::ZERO,
        min_interval_without_keys: Duration::ZERO,
        ..long_intervals()
    }
}

fn of(keys: &[(&Signer, &str)]) -> Answer {
    let keys: Vec<_> = keys.iter().map(|(signer, id)| signer.jwk(id)).collect();
    Answer::Body(key_set(&keys))
}

fn trusting(server: &KeyServer, intervals: RefreshIntervals) -> Issuers {
    let keys = KeySource::JwksUri(server.address("/keys"));
    Issuers::with_refresh_intervals(vec![IssuerConfig::new(ISSUER, &[AUDIENCE], keys)], intervals)
        .unwrap()
}

#[tokio::test]
async fn keys_are_fetched_with_the_first_token_and_then_cached() {
    let signer = Signer::p256();
    let server = KeyServer::start(of(&[(&signer, "k")])).await;
    let issuers = trusting(&server, RefreshIntervals::default());
    assert_eq!(server.requests(), 0);
    for _ in 0..5 {
        assert!(is_accepted(&issuers, &signer.token("ES256", "k")).await);
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn unknown_kids_refresh_the_keys_at_most_once_a_minute() {
    let signer = Signer::p256();
    let server = KeyServer::start(of(&[(&signer, "k")])).await;
    let issuers = trusting(&server, RefreshIntervals::default());
    for id in ["k", "x", "y", "z"] {
        assert_eq!(is_accepted(&issuers, &signer.token("ES256", id)).await, id == "k");
    }
    assert_eq!(server.requests(), 1, "the first fetch counts for the minute");
}

#[tokio::test]
async fn a_token_with_an_unsupported_algorithm_fetches_no_keys() {
    let server = KeyServer::start(Answer::Status(500)).await;
    let issuers = trusting(&server, no_intervals());
    let header = crate::support::text(r#"{"alg":"HS256","kid":"x"}"#);
    let claims = crate::support::text(crate::support::claims(&serde_json::json!({})));
    assert!(!is_accepted(&issuers, &format!("{header}.{claims}.AAAA")).await);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn many_waiting_requests_share_one_fetch() {
    let (signer, released) = (Signer::p256(), Arc::new(Notify::new()));
    let held = Answer::Held(key_set(&[signer.jwk("k")]), Arc::clone(&released));
    let server = KeyServer::start(held).await;
    let issuers = Arc::new(trusting(&server, long_intervals()));
    let asking: Vec<_> = (0..50)
        .map(|number| {
            let issuers = Arc::clone(&issuers);
            let id = if number % 2 == 0 { "k".to_owned() } else { format!("unknown{number}") };
            let token = signer.token("ES256", &id);
            tokio::spawn(async move { is_accepted(&issuers, &token).await == (id == "k") })
        })
        .collect();
    server.wait_for_requests(1).await;
    released.notify_one();
    for asked in asking {
        assert!(asked.await.unwrap());
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn requests_that_waited_for_a_successful_fetch_do_not_fetch_again() {
    let (signer, released) = (Signer::p256(), Arc::new(Notify::new()));
    let held = Answer::Held(key_set(&[signer.jwk("k")]), Arc::clone(&released));
    let server = KeyServer::start(held).await;
    let issuers = Arc::new(trusting(&server, no_intervals()));
    let asking: Vec<_> = (0..10)
        .map(|_| {
            let issuers = Arc::clone(&issuers);
            let token = signer.token("ES256", "k");
            tokio::spawn(async move { is_accepted(&issuers, &token).await })
        })
        .collect();
    server.wait_for_requests(1).await;
    released.notify_one();
    for asked in asking {
        assert!(asked.await.unwrap());
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn many_unknown_kids_at_once_cause_one_fetch_when_keys_are_cached() {
    let signer = Signer::p256();
    let server = KeyServer::start(of(&[(&signer, "k")])).await;
    // Longer than fifty tokens take after the fetch that they wait for.
    let interval = Duration::from_secs(3);
    let intervals = RefreshIntervals { min_interval: interval, ..long_intervals() };
    let issuers = Arc::new(trusting(&server, intervals));
    assert!(is_accepted(&issuers, &signer.token("ES256", "k")).await);
    tokio::time::sleep(interval).await;
    let released = Arc::new(Notify::new());
    let held = Answer::Held(key_set(&[signer.jwk("k")]), Arc::clone(&released));
    server.answer("/keys", held);
    let asking: Vec<_> = (0..50)
        .map(|number| {
            let issuers = Arc::clone(&issuers);
            let token = signer.token("ES256", &format!("unknown{number}"));
            tokio::spawn(async move { is_accepted(&issuers, &token).await })
        })
        .collect();
    server.wait_for_requests(2).await;
    released.notify_one();
    for asked in asking {
        assert!(!asked.await.unwrap());
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn an_unreachable_https_endpoint_refuses_the_token() {
    let keys = KeySource::JwksUri("https://127.0.0.1:1/keys".into());
    let config = IssuerConfig::new(ISSUER, &[AUDIENCE], keys);
    let issuers = Issuers::with_refresh_intervals(vec![config], long_intervals()).unwrap();
    let token = Signer::p256().token("ES256", "k");
    assert!(reason(&issuers, &token).await.contains("never loaded"));
}

#[tokio::test]
async fn tokens_with_known_keys_do_not_wait_for_a_fetch() {
    let signer = Signer::p256();
    let server = KeyServer::start(of(&[(&signer, "k")])).await;
    let issuers = Arc::new(trusting(&server, no_intervals()));
    assert!(is_accepted(&issuers, &signer.token("ES256", "k")).await);
    server.answer("/keys", Answer::Silence);
    let (own, unknown) = (Arc::clone(&issuers), signer.token("ES256", "x"));
    let waiting = tokio::spawn(async move { is_accepted(&own, &unknown).await });
    server.wait_for_requests(2).await;
    assert!(is_accepted(&issuers, &signer.token("ES256", "k")).await);
    // The fetch has no end, and so it was not waited for.
    assert!(!waiting.is_finished());
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_disconnected_client_does_not_cancel_the_fetch() {
    let (signer, released) = (Signer::p256(), Arc::new(Notify::new()));
    let held = Answer::Held(key_set(&[signer.jwk("k")]), Arc::clone(&released));
    let server = KeyServer::start(held).await;
    let issuers = trusting(&server, long_intervals());
    let token = signer.token("ES256", "k");
    tokio::select! {
        _ = is_accepted(&issuers, &token) => panic!("no key was sent"),
        () = server.wait_for_requests(1) => {}
    }
    released.notify_one();
    assert!(is_accepted(&issuers, &token).await);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_new_key_is_accepted_and_a_withdrawn_one_refused() {
    let [old, new] = [Signer::p256(), Signer::p256()];
    let server = KeyServer::start(of(&[(&old, "old")])).await;
    let issuers = trusting(&server, no_intervals());
    assert!(is_accepted(&issuers, &old.token("ES256", "old")).await);
    server.answer("/keys", of(&[(&new, "new")]));
    assert!(is_accepted(&issuers, &old.token("ES256", "old")).await, "no fetch has happened yet");
    assert!(is_accepted(&issuers, &new.token("ES256", "new")).await);
    assert!(!is_accepted(&issuers, &old.token("ES256", "old")).await);
}

#[tokio::test]
async fn stale_keys_are_used_while_they_are_refreshed_in_the_background() {
    let [old, new] = [Signer::p256(), Signer::p256()];
    let server = KeyServer::start(of(&[(&old, "old")])).await;
    let intervals = RefreshIntervals { max_age: SHORT, min_interval: SHORT, ..long_intervals() };
    let issuers = trusting(&server, intervals);
    assert!(is_accepted(&issuers, &old.token("ES256", "old")).await);
    let released = Arc::new(Notify::new());
    server.answer("/keys", Answer::Held(key_set(&[new.jwk("new")]), Arc::clone(&released)));
    tokio::time::sleep(SHORT * 2).await;
    for _ in 0..2 {
        let still_used = is_accepted(&issuers, &old.token("ES256", "old")).await;
        assert!(still_used, "the old keys are still used");
        server.wait_for_requests(2).await;
    }
    assert_eq!(server.requests(), 2);
    server.answer("/keys", Answer::Status(500));
    released.notify_one();
    let removed = async {
        while is_accepted(&issuers, &old.token("ES256", "old")).await {
            tokio::time::sleep(SHORT).await;
        }
    };
    let limit = Duration::from_secs(60);
    tokio::time::timeout(limit, removed).await.expect("the refresh removes the old key");
    assert!(is_accepted(&issuers, &new.token("ES256", "new")).await);
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
async fn a_key_file_is_read_again_for_an_unknown_kid() {
    let [old, new] = [Signer::p256(), Signer::p256()];
    let folder = Folder::new();
    let path = folder.write("keys.json", &key_set(&[old.jwk("old")]));
    let config = IssuerConfig::new(ISSUER, &[AUDIENCE], KeySource::File(path));
    let issuers = Issuers::with_refresh_intervals(vec![config], no_intervals()).unwrap();
    assert!(is_accepted(&issuers, &old.token("ES256", "old")).await);
    folder.write("keys.json", "half a fi");
    assert!(!is_accepted(&issuers, &new.token("ES256", "new")).await);
    assert!(is_accepted(&issuers, &old.token("ES256", "old")).await);
    folder.write("keys.json", &key_set(&[new.jwk("new")]));
    assert!(is_accepted(&issuers, &new.token("ES256", "new")).await);
    assert!(!is_accepted(&issuers, &old.token("ES256", "old")).await);
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
