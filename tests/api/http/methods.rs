//! How are HEAD, OPTIONS and unsupported methods answered, and which headers does every reply have?

use reqwest::Method;

use super::Wire;
use crate::harness::{SCRIPTS, Server, options, send};
use runstate::http::Options;

#[tokio::test]
async fn options_lists_the_allowed_methods_without_a_token() {
    let server = Server::start().await;
    for (path, allow) in [
        (SCRIPTS, "GET, HEAD, POST, OPTIONS"),
        ("/beta/deviceManagement/deviceManagementScripts/x", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("/beta", "GET, HEAD, OPTIONS"),
        ("/beta/$batch", "POST, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
        ("/health/live", "GET, HEAD, OPTIONS"),
        ("/health/ready", "GET, HEAD, OPTIONS"),
        ("*", "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"),
    ] {
        let mut wire = Wire::open(&server);
        let answer = wire.send(format!("OPTIONS {path} HTTP/1.1\r\nHost: a\r\n\r\n")).answer();
        assert_eq!((answer.status, answer.header("allow")), (204, Some(allow)), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        wire.goes_on();
    }
    let unknown = "OPTIONS /beta/deviceManagement/x HTTP/1.1\r\nHost: a\r\n\r\n";
    Wire::open(&server).send(unknown).answer().refused(400, "BadRequest");
}

#[tokio::test]
async fn an_unsupported_method_is_405_and_the_reply_lists_the_allowed_ones() {
    let server = Server::start().await;
    let client = server.client();
    for method in ["PUT", "TRACE", "get", "PROPFIND", "X-Y"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let reply = send(client.request(method, SCRIPTS)).await;
        reply.refused(405, "Request_BadRequest");
        assert_eq!(reply.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    }
    let mut wire = Wire::open(&server);
    let answer = wire.send("DELETE /health HTTP/1.1\r\nHost: a\r\n\r\n").answer();
    answer.refused(405, "Request_BadRequest");
    assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
}

#[tokio::test]
async fn a_head_has_the_headers_of_a_get_and_no_body() {
    let server = Server::start().await;
    for path in ["/health", "/beta/$metadata", "/openapi.json", "/beta/nonsense"] {
        let mut wire = Wire::open(&server);
        let mut ask = |method: &str| {
            let head =
                format!("{method} {path} HTTP/1.1\r\nHost: a\r\nclient-request-id: b\r\n\r\n");
            let mut answer = wire.send(head).answer_to(method);
            answer.headers.retain(|(name, _)| name != "date" && name != "request-id");
            answer.headers.sort();
            answer
        };
        let (head, get) = (ask("HEAD"), ask("GET"));
        assert_eq!((head.status, head.headers), (get.status, get.headers), "{path}");
        assert_eq!(head.body, "");
        assert!(!get.body.is_empty());
    }
}

#[tokio::test]
async fn every_reply_has_security_headers_for_browsers() {
    let server = Server::start().await;
    for head in [
        "GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /beta/$metadata HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS /beta HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /beta/x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /beta/x HTTP/1.1\r\n\r\n",
    ] {
        let answer = Wire::open(&server).send(head).answer();
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{head}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let policy = Some("default-src 'none'; frame-ancestors 'none'");
        assert_eq!(answer.header("content-security-policy"), policy);
        assert_eq!(answer.header("strict-transport-security"), None);
        assert!(uuid::Uuid::parse_str(answer.header("request-id").unwrap()).is_ok());
        assert_eq!(answer.header("client-request-id"), answer.header("request-id"));
        assert!(answer.header("date").is_some());
    }
}

#[tokio::test]
async fn an_https_public_url_enables_strict_transport_security() {
    let public_url = Some("https://graph.example.com".into());
    let server = Server::with_options(Options { public_url, ..options() }).await;
    let answer = Wire::open(&server).send("GET /beta HTTP/1.1\r\nHost: a\r\n\r\n").answer();
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}

#[tokio::test]
async fn localhost_is_never_made_to_use_https() {
    // The name stands for all servers of the machine, on all ports.
    for url in ["https://localhost:8443", "http://graph.example.com"] {
        let public_url = Some(url.into());
        let server = Server::with_options(Options { public_url, ..options() }).await;
        let answer = Wire::open(&server).send("GET /beta HTTP/1.1\r\nHost: a\r\n\r\n").answer();
        assert_eq!(answer.header("strict-transport-security"), None, "{url}");
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_with_the_accepted_encoding() {
    let server = Server::start().await;
    let client = server.client();
    for path in [SCRIPTS, "/beta/$batch"] {
        for coding in ["gzip", "br", "deflate, gzip"] {
            let request = client.request(Method::POST, path).header("Content-Encoding", coding);
            let reply = send(request.header("Content-Type", "application/json").body("{}")).await;
            reply.refused(415, "UnsupportedMediaType");
            assert_eq!(reply.header("accept-encoding"), Some("identity"), "{path} {coding}");
        }
    }
}

#[tokio::test]
async fn several_slashes_in_a_path_count_as_one() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let path = SCRIPTS.replace("/beta/", "/beta//");
    let list = client.get(&format!("{path}?$select=id")).await.ok();
    assert_eq!(list, client.get(&format!("{SCRIPTS}?$select=id")).await.ok());
    assert!(script.ends_with(list["value"][0]["id"].as_str().unwrap()), "{script}: {list}");
    // An encoded slash is part of a segment, and so are two.
    let encoded = client.get(&path.replace("//", "%2F%2F")).await;
    assert_eq!(encoded.status, 400);
    assert!(
        encoded.body.contains("Invalid version: 'beta//deviceManagement'."),
        "{}",
        encoded.body
    );
}
