//! When the server fetches keys. `together` has many requests that wait for them, and `failures` what
//! happens while they cannot be fetched.

mod failures;
mod together;

use std::sync::Arc;
use std::time::Duration;

use runstate::auth::{IssuerConfig, Issuers, KeySource, RefreshIntervals};
use tokio::sync::Notify;

use crate::key_server::{Answer, KeyServer};
use crate::support::{AUDIENCE, Folder, ISSUER, Signer, is_accepted, key_set};

const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(50);

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
