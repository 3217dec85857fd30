//! Which versions of OData does the server read and write?

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, READ_SCOPE, Reply, SCRIPTS, Server, send};

/// Values of `OData-Version` that name another version than 4.0 and 4.01, or no version.
const WRONG_VERSIONS: &[&[&str]] =
    &[&["4"], &["4.1"], &["4.00"], &["3.0"], &["5.0"], &["abc"], &[""], &["4.0", "4.0"]];
/// Values of `OData-MaxVersion` that name a version below 4.0, or no version.
const WRONG_MAXIMA: &[&[&str]] = &[&["3.0"], &["3.99"], &["4"], &["abc"], &[""], &["4.0", "4.01"]];

/// Sends a request with a header for each value, and with a body if it is a POST.
async fn send_with(
    client: &Client,
    method: Method,
    path: &str,
    name: &str,
    values: &[&str],
) -> Reply {
    let mut request = client.request(method.clone(), path);
    for value in values {
        request = request.header(name, *value);
    }
    if method == Method::POST {
        request = request.header("Content-Type", "application/json").body("{}");
    }
    send(request).await
}

#[tokio::test]
async fn every_reply_says_that_it_is_odata_4_0() {
    let server = Server::start().await;
    let (client, nobody) = (server.client(), server.client_with_token(None));
    let script = client.new_script().await;
    let tag = client.get(&script).await.header("etag").unwrap().to_owned();
    let replies = [
        (200, client.get(SCRIPTS).await),
        (200, client.get(&format!("{SCRIPTS}/$count")).await),
        (200, nobody.get("/beta").await),
        (200, nobody.get("/beta/$metadata").await),
        (200, nobody.get("/openapi.json").await),
        (200, nobody.get("/health").await),
        (201, client.post(SCRIPTS, &json!({})).await),
        (204, send(client.request(Method::OPTIONS, SCRIPTS)).await),
        (304, send_with(&client, Method::GET, &script, "If-None-Match", &[&tag]).await),
        (400, client.get("/beta/nonsense").await),
        (400, client.post(SCRIPTS, &json!({ "x": 1 })).await),
        (401, nobody.get(SCRIPTS).await),
        (404, client.get(&format!("{SCRIPTS}/x")).await),
        (405, client.delete(SCRIPTS).await),
        (406, send_with(&client, Method::GET, SCRIPTS, "Accept", &["text/html"]).await),
        (412, send_with(&client, Method::DELETE, &script, "If-Match", &["\"x\""]).await),
        (415, send(client.request(Method::POST, SCRIPTS).body("{}")).await),
        (204, client.delete(&script).await),
    ];
    for (status, reply) in replies {
        assert_eq!(
            (reply.status, reply.header("odata-version")),
            (status, Some("4.0")),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn requests_in_version_4_0_and_4_01_are_read() {
    let server = Server::start().await;
    let client = server.client();
    for (name, value) in [
        ("OData-Version", "4.0"),
        ("OData-Version", "4.01"),
        ("OData-Version", " 4.0 "),
        ("OData-MaxVersion", "4.0"),
        ("OData-MaxVersion", "4.01"),
        ("OData-MaxVersion", "5.0"),
    ] {
        let reply = send_with(&client, Method::POST, SCRIPTS, name, &[value]).await;
        assert_eq!(
            (reply.status, reply.header("odata-version")),
            (201, Some("4.0")),
            "{name}: {value}"
        );
    }
}

#[tokio::test]
async fn another_version_is_refused_by_the_name_of_its_header() {
    let server = Server::start().await;
    let client = server.client();
    let wrong = |name, lists: &'static [&[&str]]| lists.iter().map(move |values| (name, *values));
    for (name, values) in
        wrong("OData-Version", WRONG_VERSIONS).chain(wrong("OData-MaxVersion", WRONG_MAXIMA))
    {
        for (method, path) in [
            (Method::POST, SCRIPTS),
            (Method::GET, SCRIPTS),
            (Method::GET, "/beta/$metadata"),
            (Method::POST, "/beta/$batch"),
        ] {
            let reply = send_with(&client, method, path, name, values).await;
            let message = reply.refused(400, "BadRequest");
            assert!(message.starts_with(&format!("The header {name} must be")), "{message}");
            assert!(message.contains(&format!("'{}'", values.join(", "))), "{message}");
        }
    }
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn the_version_is_checked_after_token_and_permission() {
    let server = Server::start().await;
    let nobody = server.client_with_token(None);
    let reader = server.client_with_scopes(&[READ_SCOPE]);
    for (client, status, code) in
        [(nobody, 401, "InvalidAuthenticationToken"), (reader, 403, "Forbidden")]
    {
        let reply = send_with(&client, Method::POST, SCRIPTS, "OData-Version", &["3.0"]).await;
        reply.refused(status, code);
    }
}

#[tokio::test]
async fn the_version_of_an_item_of_a_batch_concerns_that_item_only() {
    let server = Server::start().await;
    let client = server.client();
    let create = |id: &str, name: &str, value: &str| {
        let headers = json!({ "Content-Type": "application/json", name: value });
        let url = SCRIPTS.trim_start_matches("/beta");
        json!({ "id": id, "method": "POST", "url": url, "headers": headers, "body": {} })
    };
    let requests = json!([
        create("1", "OData-Version", "4.01"),
        create("2", "OData-Version", "3.0"),
        create("3", "OData-MaxVersion", "3.0"),
    ]);
    let reply = client.post("/beta/$batch", &json!({ "requests": requests })).await.ok();
    let responses: &Vec<Json> = reply["responses"].as_array().unwrap();
    for (response, status) in responses.iter().zip([201, 400, 400]) {
        assert_eq!(response["status"], status);
        assert_eq!(response["headers"]["OData-Version"], "4.0");
    }
    let message = |index: usize| responses[index]["body"]["error"]["message"].as_str().unwrap();
    assert!(message(1).contains("OData-Version"), "{}", message(1));
    assert!(message(2).contains("OData-MaxVersion"), "{}", message(2));
    assert_eq!(client.get(SCRIPTS).await.ok()["value"].as_array().unwrap().len(), 1);
}
