//! Which heads of requests are refused?

use runstate::http::{MAX_HEADER_SECTION, MAX_HEADERS, MAX_NAME, MAX_TARGET};

use super::{Wire, is_refused};
use crate::harness::Server;

const LINE: &str = "The request line is not a method, a target and a version.";
const VERSION: &str = "The request is not one of HTTP/1.1 or HTTP/1.0.";
const ENDING: &str = "A line of the request's head does not end with CR LF.";
const EMPTY: &str = "There are too many empty lines before the request.";
const NAME: &str = "The name of a header has a character that no name has.";
const VALUE: &str = "The value of a header has a control character.";
const NO_HOST: &str = "The Host header is missing.";
const HOST: &str = "The Host header is not one host.";
const TARGET: &str = "The request target is neither a path nor a URL.";
const CONNECT: &str = "CONNECT is for proxies, which this server is not.";

#[tokio::test]
async fn malformed_heads_are_refused() {
    let server = Server::start().await;
    let forms: &[(&str, &str)] = &[
        ("GET /\r\n", LINE),
        ("GET / \r\nHost: a\r\n\r\n", VERSION),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", LINE),
        ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", VERSION),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", LINE),
        ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", LINE),
        ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", LINE),
        ("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n", LINE),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", VERSION),
        ("GET / HTTP/0.9\r\nHost: a\r\n\r\n", VERSION),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", VERSION),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", VERSION),
        ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", ENDING),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION),
        ("\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03", LINE),
        ("GET / HTTP/1.1\nHost: a\n\n", ENDING),
        ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", ENDING),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", ENDING),
        ("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", EMPTY),
        ("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ENDING),
        ("GET / HTTP/1.1\rHost: a\r\n\r\n", ENDING),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", VALUE),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", VALUE),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n", VALUE),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", NAME),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", NAME),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", NAME),
        ("GET / HTTP/1.1\r\nHost: a\r\nX[]: b\r\n\r\n", NAME),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n", NAME),
        ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", NAME),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", NAME),
        ("GET / HTTP/1.1\r\n\r\n", NO_HOST),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", HOST),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", HOST),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", HOST),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", HOST),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", HOST),
        ("GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", HOST),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", HOST),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", CONNECT),
        ("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", CONNECT),
        ("GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", TARGET),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", TARGET),
        ("GET beta HTTP/1.1\r\nHost: a\r\n\r\n", TARGET),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", TARGET),
        ("GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", TARGET),
        ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", TARGET),
    ];
    for (form, message) in forms {
        is_refused(&server, form.as_bytes(), 400, "BadRequest", message);
    }
    let other = "The Host header is not the host of the URL.";
    let form = b"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n";
    is_refused(&server, form, 400, "BadRequest", other);
    for (target, sign) in [("/#x", "#"), ("/<", "<"), ("/\"", "\\\""), ("/\\", "\\\\")] {
        let message = format!("The URL has a character that must be percent-encoded: '{sign}'.");
        let form = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        is_refused(&server, form.as_bytes(), 400, "BadRequest", &message);
    }
}

#[tokio::test]
async fn heads_over_a_size_limit_are_refused() {
    let server = Server::start().await;
    let fields = "RequestHeaderFieldsTooLarge";
    for size in [MAX_NAME + 1, 20_000] {
        let form = format!("GET / HTTP/1.1\r\nHost: a\r\n{}: b\r\n\r\n", "x".repeat(size));
        let message = "The name of a header is longer than the limit of 256 bytes.";
        is_refused(&server, form.as_bytes(), 431, fields, message);
    }
    let many = "X: y\r\n".repeat(MAX_HEADERS);
    let form = format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n");
    let message = "The request has more headers than the limit of 64.";
    is_refused(&server, form.as_bytes(), 431, fields, message);

    let message = "The headers are longer than the limit of 32768 bytes.";
    for name in ["X: ", ""] {
        let long = "y".repeat(MAX_HEADER_SECTION * 4);
        let form = format!("GET / HTTP/1.1\r\nHost: a\r\n{name}{long}: z\r\n\r\n");
        is_refused(&server, form.as_bytes(), 431, fields, message);
    }

    let message = "The URL is longer than the limit of 65534 bytes.";
    for size in [MAX_TARGET, MAX_TARGET * 2] {
        let form = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(size));
        is_refused(&server, form.as_bytes(), 414, "RequestUriTooLong", message);
    }
    let form = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(MAX_TARGET - 1));
    let answer = Wire::open(&server).send(form).answer();
    answer.refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn unusual_but_valid_heads_are_answered_and_the_connection_stays_open() {
    let server = Server::start().await;
    let many = "X: y\r\n".repeat(MAX_HEADERS - 1);
    let forms = [
        "GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\n\r\n\r\nGET /health HTTP/1.1\r\nhOST:a:80\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost:  [::1]:8080 \t\r\nX:\r\nY: \u{e9}\r\n\r\n",
        "GET http://a/health HTTP/1.1\r\nHost: A\r\n\r\n",
        "GET HTTPS://a:1/health?x HTTP/1.1\r\nHost: a:1\r\n\r\n",
        "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        &format!("GET /health HTTP/1.1\r\nHost: a\r\n{many}\r\n"),
        &format!("GET /health HTTP/1.1\r\nHost: a\r\n{}: b\r\n\r\n", "x".repeat(MAX_NAME)),
    ];
    for form in forms {
        let mut wire = Wire::open(&server);
        assert_eq!(wire.send(form).answer().body, "ok", "{form}");
        wire.goes_on();
        for byte in form.bytes() {
            wire.send([byte]);
        }
        assert_eq!(wire.answer().body, "ok", "{form}");
    }
}

#[tokio::test]
async fn a_refused_request_keeps_its_client_request_id() {
    let server = Server::start().await;
    let head = "GET / HTTP/1.1\r\nclient-request-id: mine\r\n\r\n";
    let answer = Wire::open(&server).send(head).answer();
    assert_eq!(answer.refused(400, "BadRequest"), NO_HOST);
    assert_eq!(answer.header("client-request-id"), Some("mine"));
}

#[tokio::test]
async fn protocol_upgrades_are_ignored() {
    let server = Server::start().await;
    for (option, protocol) in [
        ("Upgrade", "websocket"),
        ("upgrade, HTTP2-Settings", "h2c"),
        ("keep-alive,Upgrade", "WebSocket, h2c"),
    ] {
        let mut wire = Wire::open(&server);
        wire.send(format!(
            "POST /beta/$batch HTTP/1.1\r\nHost: a\r\nConnection: {option}\r\n\
             Upgrade: {protocol}\r\nContent-Length: 2\r\nclient-request-id: upgrade\r\n\r\n{{}}"
        ));
        let answer = wire.answer();
        answer.refused(401, "InvalidAuthenticationToken");
        assert_eq!(answer.header("client-request-id"), Some("upgrade"));
        assert_eq!((answer.header("upgrade"), answer.header("connection")), (None, None));
        wire.goes_on();
    }
}
