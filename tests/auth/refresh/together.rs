//! Many requests that need keys at the same time: one fetch serves all of them. A request whose key is
//! cached does not wait.

use std::sync::Arc;
use std::time::Duration;

use runstate::auth::{Issuers, RefreshIntervals};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::{long_intervals, no_intervals, of, trusting};
use crate::key_server::{Answer, KeyServer};
use crate::support::{Signer, is_accepted, key_set};

/// Key ids that no key has.
fn unknown_ids(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("unknown{number}"))
}

/// An answer with the key `k`, which waits until it is released.
fn held(signer: &Signer) -> (Answer, Arc<Notify>) {
    let released = Arc::new(Notify::new());
    (Answer::Held(key_set(&[signer.jwk("k")]), Arc::clone(&released)), released)
}

/// Begins to check a token for each key id. Each check returns whether the token was judged rightly.
fn check_all(
    issuers: &Arc<Issuers>,
    signer: &Signer,
    ids: impl Iterator<Item = String>,
) -> Vec<JoinHandle<bool>> {
    let check = |id: String| {
        let (issuers, token) = (Arc::clone(issuers), signer.token("ES256", &id));
        tokio::spawn(async move { is_accepted(&issuers, &token).await == (id == "k") })
    };
    ids.map(check).collect()
}

/// The number of fetches when tokens with these key ids are checked during the first one.
async fn fetches_of(ids: impl Iterator<Item = String>, intervals: RefreshIntervals) -> usize {
    let signer = Signer::p256();
    let (answer, released) = held(&signer);
    let server = KeyServer::start(answer).await;
    let checks = check_all(&Arc::new(trusting(&server, intervals)), &signer, ids);
    server.wait_for_requests(1).await;
    released.notify_one();
    for check in checks {
        assert!(check.await.unwrap());
    }
    server.requests()
}

#[tokio::test]
async fn many_waiting_requests_share_one_fetch() {
    let known_and_unknown = unknown_ids(25).flat_map(|id| ["k".to_owned(), id]);
    assert_eq!(fetches_of(known_and_unknown, long_intervals()).await, 1);
}

#[tokio::test]
async fn requests_that_waited_for_a_successful_fetch_do_not_fetch_again() {
    let known = std::iter::repeat_n("k".to_owned(), 10);
    assert_eq!(fetches_of(known, no_intervals()).await, 1);
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
    let (answer, released) = held(&signer);
    server.answer("/keys", answer);
    let checks = check_all(&issuers, &signer, unknown_ids(50));
    server.wait_for_requests(2).await;
    released.notify_one();
    for check in checks {
        assert!(check.await.unwrap());
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
    let signer = Signer::p256();
    let (answer, released) = held(&signer);
    let server = KeyServer::start(answer).await;
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
