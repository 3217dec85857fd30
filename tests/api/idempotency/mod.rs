//! Does a retry lose a write or execute it twice?

mod ids;
mod keys;
mod races;
mod replies;

use reqwest::{Method, RequestBuilder};
use serde_json::Value as Json;

use crate::harness::{Client, Reply, send};

/// A POST with an idempotency key, to be completed and passed to [`send`].
fn request(client: &Client, path: &str, key: &str, body: &Json) -> RequestBuilder {
    let request = client.request(Method::POST, path).header("Content-Type", "application/json");
    request.header("Idempotency-Key", key).body(body.to_string())
}

async fn post(client: &Client, path: &str, key: &str, body: &Json) -> Reply {
    send(request(client, path, key, body)).await
}

/// Asserts that a reply repeats the first reply exactly and says so in a header. Only the request ids
/// and the date differ.
#[track_caller]
fn assert_replayed(first: &Reply, again: &Reply) {
    assert_eq!(first.header("idempotency-replayed"), None, "{first:?}");
    assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again:?}");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_ne!(again.header("request-id"), first.header("request-id"));
    let own = ["idempotency-replayed", "request-id", "client-request-id", "date"];
    let others = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        own.iter().for_each(|name| drop(headers.remove(*name)));
        headers
    };
    assert_eq!(others(again), others(first));
}

async fn count(client: &Client, collection: &str) -> String {
    client.get(&format!("{collection}/$count")).await.body
}
