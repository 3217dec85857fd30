//! What a token can make the server send: requests for keys, and lines of the log.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use runstate::auth::{IssuerConfig, Issuers, KeySource, RefreshIntervals};
use serde_json::json;

use crate::key_server::{Answer, KeyServer};
use crate::support::{AUDIENCE, Folder, ISSUER, Signer, claims, is_accepted, key_set, trusting};

#[tokio::test]
async fn no_request_is_sent_to_a_url_from_a_token() {
    let [trusted, attacker] = [Signer::p256(), Signer::p256()];
    let server = KeyServer::start(Answer::Body(key_set(&[attacker.jwk("evil")]))).await;
    let issuers = trusting(&[trusted.jwk("k")]);
    for member in ["jku", "x5u", "kid", "iss"] {
        let mut header = json!({"alg": "ES256", "kid": "evil"});
        header[member] = json!(server.address("/keys"));
        for claims in [claims(&json!({})), claims(&json!({"iss": server.address("/keys")}))] {
            let token = attacker.token_of("ES256", &header.to_string(), &claims);
            assert!(!is_accepted(&issuers, &token).await, "{header}");
        }
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_failed_key_fetch_is_logged_with_issuer_and_reason_but_without_the_token() {
    let folder = Folder::new();
    let path = folder.write("log", "");
    let file = Arc::new(File::create(&path).unwrap());
    let log = tracing_subscriber::fmt().with_writer(file).with_ansi(false).finish();
    let _until_the_end = tracing::subscriber::set_default(log);
    let signer = Signer::p256();
    let server = KeyServer::start(Answer::Status(500)).await;
    let intervals = RefreshIntervals {
        min_interval: Duration::ZERO,
        min_interval_without_keys: Duration::ZERO,
        max_age: Duration::from_secs(3600),
        // The server reaches it by its silence only.
        fetch_timeout: Duration::from_secs(5),
    };
    let keys = KeySource::JwksUri(server.address("/keys"));
    let config = IssuerConfig::new(ISSUER, &[AUDIENCE], keys);
    let issuers = Issuers::with_refresh_intervals(vec![config], intervals).unwrap();
    let token = signer.token("ES256", "a-kid");
    for (answer, reason) in [
        (Answer::Status(500), "the response has status 500"),
        (Answer::Silence, "the request timed out"),
        (Answer::Endless, "the document is larger than 1048576 bytes"),
        (Answer::Body("<html>".into()), "not a JWK set with a usable key"),
    ] {
        server.answer("/keys", answer);
        assert!(!is_accepted(&issuers, &token).await);
        let text = std::fs::read_to_string(&path).unwrap();
        let last = text.lines().last().unwrap();
        assert!(last.contains("WARN") && last.contains(ISSUER) && last.contains(reason), "{last}");
        let secret = ["a-kid"].into_iter().chain(token.split('.')).find(|part| text.contains(part));
        assert_eq!(secret, None, "{text}");
    }
}
