//! Keys that change while tokens are in use, and tokens in the cache.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use runstate::auth::{IssuerConfig, Issuers, KeySource, RefreshIntervals};
use runstate::error::Error;
use serde_json::json;
use tokio::sync::RwLock;

use crate::key_server::{Answer, KeyServer};
use crate::support::{AUDIENCE, ISSUER, Signer, caller_at, claims, is_accepted, key_set, trusting};

/// Intervals with which the server fetches keys whenever they may have changed.
const NO_INTERVALS: RefreshIntervals = RefreshIntervals {
    min_interval: Duration::ZERO,
    min_interval_without_keys: Duration::ZERO,
    max_age: Duration::ZERO,
    fetch_timeout: Duration::from_secs(30),
};

fn trusting_keys_of(server: &KeyServer, intervals: RefreshIntervals) -> Issuers {
    let keys = KeySource::JwksUri(server.address("/keys"));
    Issuers::with_refresh_intervals(vec![IssuerConfig::new(ISSUER, &[AUDIENCE], keys)], intervals)
        .unwrap()
}

/// A published key, and a token that it signed.
#[derive(Clone)]
struct Published {
    jwk: serde_json::Value,
    token: String,
}

fn published(number: usize) -> Published {
    let (signer, id) = (Signer::p256(), format!("k{number}"));
    Published { jwk: signer.jwk(&id), token: signer.token("ES256", &id) }
}

fn answer<'a>(keys: impl IntoIterator<Item = &'a Published>) -> Answer {
    let keys: Vec<_> = keys.into_iter().map(|key| key.jwk.clone()).collect();
    Answer::Slow(key_set(&keys), Duration::from_millis(2))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_no_valid_token_is_refused_and_no_withdrawn_key_accepted() {
    let first = VecDeque::from([published(0), published(1)]);
    let server = KeyServer::start(answer(&first)).await;
    let issuers = Arc::new(trusting_keys_of(&server, NO_INTERVALS));
    let (keys, accepted) = (Arc::new(RwLock::new(first)), Arc::new(AtomicUsize::new(0)));
    let load: Vec<_> = (0..8)
        .map(|number| {
            let (issuers, keys, accepted) = (issuers.clone(), keys.clone(), accepted.clone());
            tokio::spawn(async move {
                for turn in number.. {
                    // The lock keeps the key published while its token is verified.
                    let keys = keys.read().await;
                    assert!(is_accepted(&issuers, &keys[turn % keys.len()].token).await);
                    accepted.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for number in 2..20 {
        let enough = accepted.load(Ordering::SeqCst) + 50;
        while accepted.load(Ordering::SeqCst) < enough {
            assert!(load.iter().all(|task| !task.is_finished()), "a valid token was refused");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let new = published(number);
        let withdrawn = {
            let mut keys = keys.write().await;
            keys.push_back(new.clone());
            let withdrawn = keys.pop_front().unwrap();
            server.answer("/keys", answer(&*keys));
            withdrawn
        };
        assert!(is_accepted(&issuers, &new.token).await, "the key k{number} is published");
        assert!(!is_accepted(&issuers, &withdrawn.token).await, "its key is withdrawn");
    }
    load.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_cached_token_is_refused_after_its_key_is_withdrawn() {
    let [own, other, next] = [Signer::p256(), Signer::p256(), Signer::p256()];
    let token = own.token("ES256", "k");
    for replacement in [vec![next.jwk("next")], vec![other.jwk("k"), next.jwk("next")]] {
        let server = KeyServer::start(Answer::Body(key_set(&[own.jwk("k")]))).await;
        let intervals = RefreshIntervals { max_age: Duration::from_secs(3600), ..NO_INTERVALS };
        let issuers = trusting_keys_of(&server, intervals);
        for _ in 0..3 {
            assert!(is_accepted(&issuers, &token).await);
        }
        server.answer("/keys", Answer::Body(key_set(&replacement)));
        assert!(
            is_accepted(&issuers, &next.token("ES256", "next")).await,
            "an unknown key id causes a fetch"
        );
        assert!(!is_accepted(&issuers, &token).await);
    }
}

#[tokio::test]
async fn a_cached_token_is_refused_after_it_expires() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let header = json!({"alg": "ES256", "kid": "k"}).to_string();
    let end = Utc::now() + TimeDelta::hours(1);
    let token = signer.token_of("ES256", &header, &claims(&json!({ "exp": end.timestamp() })));
    // Clocks may differ by five minutes.
    for now in [Utc::now(), end + TimeDelta::seconds(298)] {
        caller_at(&issuers, &token, now).await.unwrap();
    }
    let refused = caller_at(&issuers, &token, end + TimeDelta::seconds(300)).await;
    assert!(matches!(refused, Err(Error::TokenRefused(_))), "{refused:?}");
}
