//! Does `$batch` answer each of its requests like a single request?

mod envelope;
mod items;
mod names;
mod order;

use serde_json::{Value as Json, json};

use crate::harness::{Client, Reply, SCRIPTS, Server};

const BATCH: &str = "/beta/$batch";
/// The path of the scripts, relative to `/beta` as in a batch.
const SCRIPTS_URL: &str = "deviceManagement/deviceManagementScripts";

async fn post(client: &Client, requests: Json) -> Reply {
    client.post(BATCH, &json!({ "requests": requests })).await
}

/// Posts a batch and returns its responses in order.
async fn answers(client: &Client, requests: Json) -> Vec<Json> {
    let reply = post(client, requests).await.ok();
    reply["responses"].as_array().unwrap().clone()
}

/// Posts a batch of one request and returns its response.
async fn answer(client: &Client, request: Json) -> Json {
    let mut answers = answers(client, json!([request])).await;
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn get(id: &str, url: &str) -> Json {
    json!({ "id": id, "method": "GET", "url": url })
}

/// A request with a JSON body.
fn send(id: &str, method: &str, url: &str, body: Json) -> Json {
    let headers = json!({ "Content-Type": "application/json" });
    let mut request = json!({ "id": id, "method": method, "url": url, "headers": headers });
    request["body"] = body;
    request
}

/// The same request, depending on others.
fn after(mut request: Json, ids: Json) -> Json {
    request["dependsOn"] = ids;
    request
}

fn statuses(answers: &[Json]) -> Vec<u64> {
    answers.iter().map(|answer| answer["status"].as_u64().unwrap()).collect()
}

/// Asserts that a response is a Graph error with this status and code. Returns its message.
#[track_caller]
fn refused(answer: &Json, status: u16, code: &str) -> String {
    let error = &answer["body"]["error"];
    assert_eq!((&answer["status"], &error["code"]), (&json!(status), &json!(code)), "{answer}");
    assert_eq!(answer["headers"]["OData-Version"], "4.0", "{answer}");
    for id in ["request-id", "client-request-id"] {
        assert_eq!(error["innerError"][id], answer["headers"][id], "{answer}");
    }
    error["message"].as_str().unwrap().to_owned()
}

/// Asserts that a batch is refused as a whole with a message that contains `words`, and that nothing
/// was created.
async fn refuses_whole_batch(requests: Json, words: &str) {
    let server = Server::start().await;
    let client = server.client();
    let message = post(&client, requests.clone()).await.refused(400, "BadRequest");
    assert!(message.contains(words), "{requests}: {message}");
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]), "{requests}");
}
