//! The versions of a run state: are all of them there, in order, and without a gap?

mod options;
mod refusals;
mod versions;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, send};

/// Reports a run state with this error code.
async fn report(client: &Client, state: &str, code: i32) {
    let body = json!({ "runState": "fail", "errorCode": code }).to_string();
    let request = client.request(Method::PATCH, state).header("Prefer", "create-if-missing");
    let reply = send(request.header("Content-Type", "application/json").body(body)).await;
    assert!(matches!(reply.status, 200 | 201), "{}", reply.body);
}

/// A run state of a new script that was reported with these error codes.
async fn reported(client: &Client, codes: &[i32]) -> String {
    let state = format!("{}/deviceRunStates/one", client.new_script().await);
    for code in codes {
        report(client, &state, *code).await;
    }
    state
}

/// The values of a page.
async fn values(client: &Client, path: &str) -> Vec<Json> {
    client.get(path).await.ok()["value"].as_array().unwrap().clone()
}

/// A member of each value of a page.
async fn column(client: &Client, path: &str, name: &str) -> Vec<Json> {
    values(client, path).await.into_iter().map(|mut value| value[name].take()).collect()
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}
