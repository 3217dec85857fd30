//! Which request headers does the server honour, and which headers does a reply have?

use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{SCRIPTS, Server, send};

#[tokio::test]
async fn every_reply_has_both_request_ids() {
    let server = Server::start().await;
    let (client, nobody) = (server.client(), server.client_with_token(None));
    let script = client.new_script().await;
    let replies = [
        client.get(SCRIPTS).await,
        client.post(SCRIPTS, &json!({})).await,
        client.post(SCRIPTS, &json!({ "x": 1 })).await,
        client.delete(&script).await,
        client.get(&script).await,
        nobody.get("/").await,
    ];
    for reply in replies {
        let id = reply.header("request-id").unwrap();
        assert!(uuid::Uuid::parse_str(id).is_ok(), "{reply:?}");
        assert_eq!(reply.header("client-request-id"), Some(id));
    }
}

#[tokio::test]
async fn a_plain_client_request_id_is_returned_and_any_other_replaced() {
    let server = Server::start().await;
    let client = server.client();
    let get = async |ids: &[&str]| {
        let mut request = client.request(Method::GET, "/beta/nonsense");
        for id in ids {
            request = request.header("client-request-id", *id);
        }
        let reply = send(request).await;
        reply.refused(400, "BadRequest");
        reply
    };
    for id in [
        "b7a1c0de-0000-4000-8000-000000000001",
        "{B7A1C0DE-0000-4000-8000-000000000001}",
        "agent-7_run.12:3",
        &"x".repeat(64),
    ] {
        assert_eq!(get(&[id]).await.header("client-request-id"), Some(id));
    }
    let long = "x".repeat(65);
    for ids in [&[""][..], &["two words"], &["a/b"], &["a\"b"], &["<a>"], &[&long], &["a", "a"]] {
        let reply = get(ids).await;
        assert_eq!(reply.header("client-request-id"), reply.header("request-id"), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() < 3 || !reply.body.contains(id)), "{reply:?}");
    }
}

#[tokio::test]
async fn a_success_reports_the_odata_version_and_the_metadata_level() {
    let server = Server::start().await;
    let client = server.client();
    let get = async |accept: &str| {
        send(client.request(Method::GET, SCRIPTS).header("Accept", accept)).await
    };
    let minimal = get("application/json").await;
    assert_eq!(minimal.header("odata-version"), Some("4.0"));
    assert_eq!(
        minimal.header("content-type"),
        Some(
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        )
    );
    assert_eq!(get("*/*").await.body, minimal.body);
    for accept in ["application/xml", "text/html", "application/json;odata.metadata=lots"] {
        get(accept).await.refused(406, "NotAcceptable");
    }
}

#[tokio::test]
async fn a_count_may_be_requested_as_text() {
    let server = Server::start().await;
    let client = server.client();
    let get = async |path: &str, accept: &str| {
        send(client.request(Method::GET, path).header("Accept", accept)).await
    };
    let count = format!("{SCRIPTS}/$count");
    for accept in ["text/plain;q=0.9", "text/*", "application/json", "*/*"] {
        assert_eq!(get(&count, accept).await.status, 200, "{accept}");
    }
    get(&count, "text/html").await.refused(406, "NotAcceptable");
    get(SCRIPTS, "text/plain").await.refused(406, "NotAcceptable");
}

#[tokio::test]
async fn metadata_level_none_omits_annotations_except_the_count() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let request = client.request(Method::POST, &states).header("Content-Type", "application/json");
    let request = request.header("Accept", "application/json;odata.metadata=none");
    let created = send(request.body(r#"{"id":"a"}"#)).await.created();
    let names: Vec<&String> = created.as_object().unwrap().keys().collect();
    assert!(names.iter().all(|name| !name.contains('@')), "{names:?}");

    let request = client.request(Method::GET, &format!("{states}?$count=true"));
    let list = send(request.header("Accept", "application/json;odata.metadata=none")).await.ok();
    assert_eq!(list["@odata.count"], 1);
    assert_eq!(list.get("@odata.context"), None);
    assert_eq!(list["value"][0].get("@odata.type"), None);
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let server = Server::start().await;
    let client = server.client();
    let head = send(client.request(Method::HEAD, SCRIPTS)).await;
    let get = client.get(SCRIPTS).await;
    assert_eq!((head.status, &*head.body), (200, ""));
    assert_eq!(head.header("content-length"), Some(&*get.body.len().to_string()));
}

/// Sends a text unchanged and reads until the server closes the connection.
fn raw(server: &Server, request: &str) -> String {
    let address = server.base().strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    socket.read_to_string(&mut reply).unwrap();
    reply
}

#[tokio::test]
async fn links_use_the_host_of_the_request() {
    let server = Server::start().await;
    let client = server.client();
    let request = client.request(Method::GET, SCRIPTS).header("Host", "graph.example.com:8443");
    let list: Json = send(request).await.ok();
    let context =
        "http://graph.example.com:8443/beta/$metadata#deviceManagement/deviceManagementScripts";
    assert_eq!(list["@odata.context"], context);
    for host in ["a\"b", "a/b", "a b", "a@b", "a<b"] {
        let reply =
            raw(&server, &format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        assert!(reply.starts_with("HTTP/1.1 400"), "{host}: {reply}");
    }
}

#[tokio::test]
async fn health_needs_no_token_and_says_that_the_server_stops() {
    let server = Server::start().await;
    let nobody = server.client_with_token(None);
    for path in ["/health", "/health/live", "/health/ready"] {
        let reply = nobody.get(path).await;
        assert_eq!((reply.status, &*reply.body), (200, "ok"), "{path}");
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(reply.header("retry-after"), None);
    }
    nobody.get("/health/other").await.refused(401, "InvalidAuthenticationToken");
    server.service().stop();
    for (path, status, body) in [
        ("/health", 503, "the server is about to stop"),
        ("/health/live", 200, "ok"),
        ("/health/ready", 503, "the server is about to stop"),
    ] {
        let reply = nobody.get(path).await;
        assert_eq!((reply.status, &*reply.body), (status, body), "{path}");
        assert_eq!(reply.header("retry-after"), (status == 503).then_some("1"));
    }
}

#[tokio::test]
async fn an_unsupported_condition_header_is_refused() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    for (method, path, name) in [
        (Method::POST, SCRIPTS.to_owned(), "If-Match"),
        (Method::POST, format!("{script}/assign"), "If-Match"),
        (Method::PATCH, script.clone(), "If-None-Match"),
        (Method::GET, SCRIPTS.to_owned(), "If-None-Match"),
    ] {
        let body = r#"{"deviceManagementScriptAssignments":[]}"#;
        let body = if path.ends_with("assign") { body } else { "{}" };
        let request = client.request(method, &path).header("Content-Type", "application/json");
        let message = send(request.header(name, "*").body(body)).await.refused(400, "BadRequest");
        assert!(message.contains(&name.to_lowercase()), "{message}");
    }
}

#[tokio::test]
async fn a_client_that_asks_is_told_how_long_each_stage_took() {
    let server = Server::start().await;
    let client = server.client();
    let stages = |value: &str| -> Vec<String> {
        let stage = |part: &str| {
            let (name, time) = part.split_once(";dur=").unwrap();
            assert!(time.parse::<f64>().unwrap() >= 0.0, "{value}");
            name.to_owned()
        };
        value.split(", ").map(stage).collect()
    };
    for (prefer, expected) in [
        ("server-timing", Some(vec!["plan", "store", "reply"])),
        ("return=minimal, Server-Timing", Some(vec!["plan", "store", "reply"])),
        ("server-timing=no", None),
        ("return=minimal", None),
    ] {
        let request = client.request(Method::GET, SCRIPTS).header("Prefer", prefer);
        let reply = send(request).await;
        assert_eq!(reply.status, 200);
        let told = reply.header("server-timing").map(stages);
        assert_eq!(
            told,
            expected.map(|it| it.into_iter().map(str::to_owned).collect()),
            "{prefer}"
        );
    }
    let nobody = server.client_with_token(None);
    let refused = nobody.request(Method::GET, SCRIPTS).header("Prefer", "server-timing");
    assert_eq!(send(refused).await.header("server-timing"), None);
}
