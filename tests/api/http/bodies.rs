//! Which bodies does the server read, and how does it refuse the others?

use runstate::http::{MAX_BODY, MAX_UNAUTHENTICATED_BODY};
use runstate::metrics::Exposition;
use serde_json::json;

use super::{Wire, is_refused};
use crate::harness::{SCRIPTS, Server, WRITE_SCOPE, user};

const TOO_LARGE: &str = "The request body is larger than the limit of 4194304 bytes.";

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let server = Server::start().await;
    let too_large = "RequestEntityTooLarge";
    for length in ["4194305", "99999999999999999999999"] {
        for expect in ["", "Expect: 100-continue\r\n"] {
            let form =
                format!("POST / HTTP/1.1\r\nHost: a\r\n{expect}Content-Length: {length}\r\n\r\n");
            is_refused(&server, form.as_bytes(), 413, too_large, TOO_LARGE);
        }
    }
    let token = server.token(&user(server.tenant(), &[WRITE_SCOPE]));
    let head = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    for chunks in ["400001\r\n", "ffffffffffffffff\r\n", "400000;x\r\n"] {
        let mut form = head.clone() + chunks;
        if chunks.contains(';') {
            form += &format!("{}\r\n1\r\n", "x".repeat(MAX_BODY));
        }
        is_refused(&server, form.as_bytes(), 413, too_large, TOO_LARGE);
    }
}

#[tokio::test]
async fn a_client_that_keeps_sending_can_still_read_the_refusal() {
    let server = Server::start().await;
    let mut wire = Wire::open(&server);
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n");
    for _ in 0..8 {
        wire.send(vec![b'x'; 1 << 20]);
    }
    assert_eq!(wire.answer().refused(413, "RequestEntityTooLarge"), TOO_LARGE);
    wire.ends();
}

#[tokio::test]
async fn a_body_of_the_maximum_size_is_read() {
    let server = Server::start().await;
    let token = server.token(&user(server.tenant(), &[WRITE_SCOPE]));
    for framing in
        ["Content-Length: 4194304\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n400000\r\n"]
    {
        let mut wire = Wire::open(&server);
        let head =
            format!("POST / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n{framing}");
        wire.send(head).send(vec![b'x'; MAX_BODY]);
        if framing.starts_with('T') {
            wire.send("\r\n0\r\n\r\n");
        }
        wire.answer().refused(400, "BadRequest");
        wire.goes_on();
    }
}

#[tokio::test]
async fn large_bodies_without_a_valid_token_are_rejected_early() {
    let server = Server::start().await;
    let mut wire = Wire::open(&server);
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n");
    wire.send(vec![b'x'; 4 * MAX_UNAUTHENTICATED_BODY]);
    wire.answer().refused(401, "InvalidAuthenticationToken");
    wire.ends();
}

/// How many tokens the server has accepted and refused.
fn counted_tokens(server: &Server) -> (f64, f64) {
    let mut page = Exposition::default();
    server.service().issuers.expose(&mut page);
    let page = page.text();
    let sum = |name: &str| {
        let samples = page.lines().filter(|line| line.starts_with(name));
        samples.map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum()
    };
    (sum("runstate_tokens_accepted_total{"), sum("runstate_tokens_refused_total{"))
}

#[tokio::test]
async fn the_token_of_a_large_body_is_counted_once() {
    let server = Server::start().await;
    let description = "x".repeat(4 * MAX_UNAUTHENTICATED_BODY);
    let script = json!({ "displayName": "large", "description": description });
    server.client().post(SCRIPTS, &script).await.created();
    assert_eq!(counted_tokens(&server), (1.0, 0.0));
    let stranger = server.client_with_token(Some("none".into()));
    stranger.post(SCRIPTS, &script).await.refused(401, "InvalidAuthenticationToken");
    assert_eq!(counted_tokens(&server), (1.0, 1.0));
}

#[tokio::test]
async fn expect_100_continue_is_answered_and_other_expectations_refused() {
    let server = Server::start().await;
    let mut wire = Wire::open(&server);
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(wire.answer().status, 100);
    wire.send("hello").answer().refused(401, "InvalidAuthenticationToken");
    wire.goes_on();
    for expect in ["200-ok", "100-continue, x", ""] {
        let form =
            format!("POST / HTTP/1.1\r\nHost: a\r\nExpect: {expect}\r\nContent-Length: 5\r\n\r\n");
        let message = "The Expect header may only be '100-continue'.";
        is_refused(&server, form.as_bytes(), 417, "ExpectationFailed", message);
    }
}

#[tokio::test]
async fn trailers_and_chunk_extensions_have_a_size_limit() {
    let server = Server::start().await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let message = "The chunk extensions and trailers are longer than the limit of 16384 bytes.";
    for end in ["1;", "0\r\nX: "] {
        let form = format!("{head}{end}{}", "x".repeat(20_000));
        is_refused(&server, form.as_bytes(), 431, "RequestHeaderFieldsTooLarge", message);
    }
}
