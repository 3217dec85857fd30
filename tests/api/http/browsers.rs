//! Which origins may use the API in a browser (CORS)?

use runstate::http::Options;

use super::{Answer, Wire};
use crate::harness::{SCRIPTS, Server, options};

const PORTAL: &str = "https://portal.example.com";

async fn server() -> Server {
    let origins = vec![PORTAL.into(), "http://localhost:3000".into()];
    Server::with_options(Options { origins, ..options() }).await
}

fn ask(server: &Server, method: &str, origin: &str, more: &str) -> Answer {
    let head = format!("{method} {SCRIPTS} HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\n{more}\r\n");
    Wire::open(server).send(head).answer_to(method)
}

/// The names of the CORS headers of a reply.
fn cors_headers(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.iter().map(|(name, _)| name.as_str());
    names.filter(|name| name.starts_with("access-control")).collect()
}

#[tokio::test]
async fn a_configured_origin_may_send_requests_and_read_replies() {
    let server = server().await;
    let preflight = "Access-Control-Request-Method: PATCH\r\n\
                     Access-Control-Request-Headers: authorization,if-match\r\n";
    let answer = ask(&server, "OPTIONS", PORTAL, preflight);
    assert_eq!((answer.status, &*answer.body), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some(PORTAL));
    let methods = Some("GET, HEAD, POST, PATCH, PUT, DELETE");
    assert_eq!(answer.header("access-control-allow-methods"), methods);
    assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,if-match"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("access-control-max-age"), Some("7200"));
    assert_eq!(answer.header("vary"), Some("Origin"));

    let answer = ask(&server, "GET", "http://localhost:3000", "");
    answer.refused(401, "InvalidAuthenticationToken");
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in ["ETag", "Location", "Idempotency-Replayed", "Retry-After", "request-id"] {
        assert!(exposed.split(", ").any(|it| it == name), "{name}: {exposed}");
    }
}

#[tokio::test]
async fn a_configured_origin_may_read_error_replies() {
    let server = server().await;
    let answer = ask(&server, "GET", PORTAL, "Content-Length: x\r\n");
    answer.refused(400, "BadRequest");
    assert_eq!(answer.header("access-control-allow-origin"), Some(PORTAL));
}

#[tokio::test]
async fn a_reply_varies_by_all_that_was_looked_at() {
    let server = server().await;
    let head = format!("GET /beta/$metadata HTTP/1.1\r\nHost: a\r\nOrigin: {PORTAL}\r\n\r\n");
    let answer = Wire::open(&server).send(head).answer_to("GET");
    let vary = answer.headers.iter().filter(|(name, _)| name == "vary");
    let vary: Vec<&str> = vary.map(|(_, value)| value.as_str()).collect();
    assert_eq!(vary, ["Accept-Encoding", "Accept", "Origin"]);
}

#[tokio::test]
async fn other_origins_get_no_cors_headers() {
    let server = server().await;
    let preflight = "Access-Control-Request-Method: GET\r\n";
    for origin in [
        "https://portal.example.com.evil.example",
        "http://portal.example.com",
        "null",
        "https://PORTAL.example.com",
        "https://portal.example.com:443",
        "*",
        "",
    ] {
        for method in ["OPTIONS", "GET"] {
            let answer = ask(&server, method, origin, preflight);
            assert_eq!(cors_headers(&answer), [""; 0], "{method} {origin}");
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
    }
}

#[tokio::test]
async fn without_configured_origins_no_reply_has_cors_headers() {
    let server = Server::start().await;
    for method in ["OPTIONS", "GET"] {
        let answer = ask(&server, method, PORTAL, "Access-Control-Request-Method: GET\r\n");
        assert_eq!((cors_headers(&answer), answer.header("vary")), (vec![], None));
    }
}
