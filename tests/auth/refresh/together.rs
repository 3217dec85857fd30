//! Many requests that need keys at the same time: one fetch serves all of them, and holds up nobody who can
//! do without.

use std::sync::Arc;
use std::time::Duration;

use runstate::auth::RefreshIntervals;
use tokio::sync::Notify;

use super::{long_intervals, no_intervals, of, trusting};
use crate::key_server::{Answer, KeyServer};
use crate::support::{Signer, is_accepted, key_set};

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
