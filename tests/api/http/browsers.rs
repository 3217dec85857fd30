//! Which pages may use the API in a browser?

use runstate::http::Options;

use super::{Answer, Wire};
use crate::harness::{SCRIPTS, Server, options};

const PORTAL: &str = "https://portal.example.com";

async fn server() -> Server {
    let origins = vec![PORTAL.into(), "http://localhost:3000".into()];
    Server::with_options(Options { origins, ..options() }).await
}

fn ask(server: &Server, verb: &str, origin: &str, more: &str) -> Answer {
    let head = format!("{verb} {SCRIPTS} HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\n{more}\r\n");
    Wire::open(server).send(head).answer_to(verb)
}

/// The names of the reply's headers for browsers.
fn shared(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.iter().map(|(name, _)| name.as_str());
    names.filter(|name| name.starts_with("access-control")).collect()
}

#[tokio::test]
async fn a_configured_origin_may_send_requests_and_read_replies() {
    let server = server().await;
    let asks = "Access-Control-Request-Method: PATCH\r\n\
                Access-Control-Request-Headers: authorization,if-match\r\n";
    let answer = ask(&server, "OPTIONS", PORTAL, asks);
    assert_eq!((answer.status, &*answer.body), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some(PORTAL));
    let verbs = Some("GET, HEAD, POST, PATCH, DELETE");
    assert_eq!(answer.header("access-control-allow-methods"), verbs);
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
async fn other_origins_get_no_cors_headers() {
    let server = server().await;
    let asks = "Access-Control-Request-Method: GET\r\n";
    for origin in [
        "https://portal.example.com.evil.example",
        "http://portal.example.com",
        "null",
        "https://PORTAL.example.com",
        "https://portal.example.com:443",
        "*",
        "",
    ] {
        for verb in ["OPTIONS", "GET"] {
            let answer = ask(&server, verb, origin, asks);
            assert_eq!(shared(&answer), [""; 0], "{verb} {origin}");
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
    }
}

#[tokio::test]
async fn without_configured_origins_no_reply_has_cors_headers() {
    let server = Server::start().await;
    for verb in ["OPTIONS", "GET"] {
        let answer = ask(&server, verb, PORTAL, "Access-Control-Request-Method: GET\r\n");
        assert_eq!((shared(&answer), answer.header("vary")), (vec![], None));
    }
}
