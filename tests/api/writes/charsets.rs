//! In which charsets may a body be written?

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use runstate::odata::Charset;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, Reply, SCRIPTS, Server, send};

const BATCH: &str = "/beta/$batch";
const MARK: char = '\u{feff}';
const NAME: &str = "Ünïcödé 😀";

async fn write(
    client: &Client,
    method: Method,
    path: &str,
    charset: &str,
    body: impl Into<reqwest::Body>,
) -> Reply {
    let content_type = format!("application/json; charset={charset}");
    let request = client.request(method, path).header("Content-Type", content_type);
    send(request.body(body)).await
}

#[tokio::test]
async fn a_byte_order_mark_is_passed_over_on_every_body() {
    let server = Server::start().await;
    let client = server.client();
    let marked = |body: Json| format!("{MARK}{body}");
    let script = client.post_text(SCRIPTS, &marked(json!({ "displayName": NAME }))).await.created();
    assert_eq!(script["displayName"], NAME);
    let script = format!("{SCRIPTS}/{}", script["id"].as_str().unwrap());
    let states = format!("{script}/deviceRunStates");
    client.post_text(&states, &marked(json!({ "id": "d" }))).await.created();
    client.post_text(DEVICES, &marked(json!({ "id": "pc" }))).await.created();
    let body = marked(json!({ "errorCode": 7 }));
    let changed = write(&client, Method::PATCH, &format!("{states}/d"), "utf-8", body).await.ok();
    assert_eq!(changed["errorCode"], 7);
    let assign = format!("{script}/assign");
    let body = marked(json!({ "deviceManagementScriptAssignments": [] }));
    assert_eq!(client.post_text(&assign, &body).await.status, 204);
    let item = STANDARD.encode(marked(json!({ "displayName": "in a batch" })));
    let request = json!({
        "id": "1", "method": "POST", "url": SCRIPTS, "body": item,
        "headers": { "Content-Type": "application/json" },
    });
    let reply = client.post_text(BATCH, &marked(json!({ "requests": [request] }))).await.ok();
    assert_eq!(reply["responses"][0]["body"]["displayName"], "in a batch");
}

#[tokio::test]
async fn a_byte_order_mark_stands_at_the_beginning_only() {
    let server = Server::start().await;
    let client = server.client();
    for (body, words) in [
        (
            format!("{MARK}{MARK}{{}}"),
            "found '\u{feff}' where a value was expected at line 1 column 1",
        ),
        (format!(" {MARK}{{}}"), "found '\u{feff}' where a value was expected at line 1 column 2"),
        (format!("{{}}{MARK}"), "trailing characters at line 1 column 3"),
        (
            format!("{MARK}{{]"),
            "found ']' where a name in quotation marks was expected at line 1 column 2",
        ),
        (MARK.to_string(), "the text ends where a value was expected at line 1 column 0"),
    ] {
        let message = client.post_text(SCRIPTS, &body).await.refused(400, "BadRequest");
        assert!(message.contains(words), "{body:?}: {message}");
    }
    let inside = json!({ "displayName": format!("{MARK}a") });
    let created = client.post(SCRIPTS, &inside).await.created();
    assert_eq!(created["displayName"], format!("{MARK}a"));
}

#[tokio::test]
async fn declared_charsets_are_read() {
    let server = Server::start().await;
    let client = server.client();
    let device = format!("{DEVICES}/pc");
    client.post(DEVICES, &json!({ "id": "pc" })).await.created();
    for (name, charset) in Charset::ALL {
        for mark in ["", "\u{feff}"] {
            let body = charset.encode(&format!("{mark}{}", json!({ "displayName": NAME })));
            let created = write(&client, Method::POST, SCRIPTS, name, body).await.created();
            assert_eq!(created["displayName"], NAME, "{name}");
            let body = charset.encode(&format!("{mark}{{'deviceName':'{NAME} {name}{mark}'}}"));
            let changed = write(&client, Method::PATCH, &device, &name.to_uppercase(), body).await;
            assert_eq!(changed.ok()["deviceName"], format!("{NAME} {name}{mark}"));
        }
    }
    let little = Charset::named("utf-16le").unwrap().encode("{\"displayName\":\"little\"}");
    let created = write(&client, Method::POST, SCRIPTS, "\"UTF-16\"", little).await.created();
    assert_eq!(created["displayName"], "little");
}

#[tokio::test]
async fn a_batch_and_its_items_may_have_charsets_of_their_own() {
    let server = Server::start().await;
    let client = server.client();
    let utf16 = Charset::named("utf-16").unwrap();
    let item = |id: &str, charset: &str, body: Json| {
        let headers = json!({ "Content-Type": format!("application/json; charset={charset}") });
        json!({ "id": id, "method": "POST", "url": SCRIPTS, "headers": headers, "body": body })
    };
    let object = json!({ "displayName": NAME });
    let requests = json!({ "requests": [
        item("1", "utf-8", object.clone()),
        item("2", "utf-32", object.clone()),
        item("3", "utf-16", json!(STANDARD.encode(utf16.encode(&object.to_string())))),
        item("4", "latin1", object.clone()),
        item("5", "utf-16", json!(STANDARD.encode(object.to_string()))),
    ] });
    let body = utf16.encode(&requests.to_string());
    let reply = write(&client, Method::POST, BATCH, "utf-16", body).await.ok();
    for index in 0..3 {
        let answer = &reply["responses"][index];
        assert_eq!(answer["status"], 201, "{answer}");
        assert_eq!(answer["body"]["displayName"], NAME);
    }
    let message = |index: usize| reply["responses"][index]["body"]["error"]["message"].clone();
    assert_eq!(reply["responses"][3]["status"], 415);
    assert_eq!(message(3), "The charset 'latin1' is not supported. Send UTF-8, UTF-16 or UTF-32.");
    assert_eq!(reply["responses"][4]["status"], 400);
    assert!(message(4).as_str().unwrap().starts_with("The request body is not valid JSON: "));
    assert_eq!(client.get(&format!("{SCRIPTS}/$count")).await.body, "3");
}

#[tokio::test]
async fn other_charsets_are_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    for name in ["latin1", "iso-8859-1", "windows-1252", "utf-7", "utf-16-le", "ucs-2", "x"] {
        let words = format!("The charset '{name}' is not supported. Send UTF-8, UTF-16 or UTF-32.");
        for (method, path) in
            [(Method::POST, SCRIPTS), (Method::PATCH, &*script), (Method::POST, BATCH)]
        {
            let reply = write(&client, method, path, name, "{}").await;
            assert_eq!(reply.refused(415, "UnsupportedMediaType"), words);
        }
    }
    assert_eq!(client.get(&format!("{SCRIPTS}/$count")).await.body, "1");
}

#[tokio::test]
async fn bytes_that_are_not_in_their_charset_are_refused_with_the_property() {
    let server = Server::start().await;
    let client = server.client();
    let utf16 = |units: &[u16]| units.iter().copied().flat_map(u16::to_be_bytes).collect();
    let mut lone: Vec<u16> = "{\"displayName\":\"a".encode_utf16().collect();
    lone.extend([0xdc00, 0x22, 0x7d]);
    let cases: [(&str, Vec<u8>, &str); 6] = [
        (
            "utf-8",
            b"{\"displayName\":\n\"\xe9\"}".to_vec(),
            "in the property 'displayName': the bytes are not UTF-8 at line 2 column 2.",
        ),
        (
            "utf-16",
            utf16(&lone),
            "in the property 'displayName': the bytes are not UTF-16 at line 1 column 18.",
        ),
        (
            "utf-16",
            b"{}".to_vec(),
            "found '\u{7d7b}' where a value was expected at line 1 column 1.",
        ),
        ("utf-16", b"{\0}\0\0".to_vec(), "the bytes are not UTF-16 at line 1 column 3."),
        ("utf-32", b"{\0}\0".to_vec(), "the bytes are not UTF-32 at line 1 column 1."),
        ("utf-8", b"\xff\xfe{\0}\0".to_vec(), "the bytes are not UTF-8 at line 1 column 1."),
    ];
    for (charset, body, words) in cases {
        let reply = write(&client, Method::POST, SCRIPTS, charset, body).await;
        let message = reply.refused(400, "BadRequest");
        assert_eq!(message, format!("The request body is not valid JSON: {words}"));
    }
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn a_retry_in_another_charset_is_the_same_request() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({ "displayName": NAME }).to_string();
    let mut ids = Vec::new();
    for name in ["utf-8", "utf-16", "utf-32le"] {
        let content_type = format!("application/json; charset={name}");
        let request = client.request(Method::POST, SCRIPTS).header("Content-Type", content_type);
        let request = request.header("Idempotency-Key", "once");
        let body = Charset::named(name).unwrap().encode(&body);
        ids.push(send(request.body(body)).await.created()["id"].clone());
    }
    assert_eq!(ids, vec![ids[0].clone(); 3]);
    assert_eq!(client.get(&format!("{SCRIPTS}/$count")).await.body, "1");
}
