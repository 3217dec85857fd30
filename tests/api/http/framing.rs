//! Where does a request end, and where does the next one begin?

use super::{Wire, is_refused};
use crate::harness::Server;

const LENGTH: &str = "The Content-Length header is not one number.";
const CODING: &str = "The Transfer-Encoding is not 'chunked', in HTTP/1.1.";
const BOTH: &str = "Content-Length and Transfer-Encoding exclude each other.";
const NAME: &str = "The name of a header has a character that no name has.";
const SIZE: &str =
    "The body's chunks are malformed: the size of one is not hexadecimal digits and CR LF.";
const CHUNK: &str = "The body's chunks are malformed: one is not followed by CR LF.";
const TRAILER: &str = "The body's trailers are malformed.";

#[tokio::test]
async fn headers_that_allow_request_smuggling_are_refused() {
    let server = Server::start().await;
    let forms: &[(&str, &str)] = &[
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", BOTH),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5", BOTH),
        ("Content-Length: 0\r\nTransfer-Encoding: chunked", BOTH),
        ("Content-Length: 5\r\nContent-Length: 5", LENGTH),
        ("Content-Length: 5\r\ncontent-length: 6", LENGTH),
        ("Content-Length: 0\r\nContent-Length: 5", LENGTH),
        ("Content-Length: 5, 5", LENGTH),
        ("Content-Length: 5 5", LENGTH),
        ("Content-Length: +5", LENGTH),
        ("Content-Length: -5", LENGTH),
        ("Content-Length: 0x5", LENGTH),
        ("Content-Length: 5.0", LENGTH),
        ("Content-Length: \"5\"", LENGTH),
        ("Content-Length:", LENGTH),
        ("Content-Length : 5", NAME),
        ("Transfer-Encoding : chunked", NAME),
        ("Transfer-Encoding\t: chunked", NAME),
        (" Transfer-Encoding: chunked", NAME),
        ("Transfer-Encoding:\r\n chunked", NAME),
        ("Transfer-Encoding: identity", CODING),
        ("Transfer-Encoding: gzip, chunked", CODING),
        ("Transfer-Encoding: chunked, gzip", CODING),
        ("Transfer-Encoding: chunked, chunked", CODING),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", CODING),
        ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", CODING),
        ("Transfer-Encoding: xchunked", CODING),
        ("Transfer-Encoding: chunked;q=1", CODING),
        ("Transfer-Encoding: \u{b}chunked", "The value of a header has a control character."),
        ("Transfer-Encoding:", CODING),
    ];
    for (headers, message) in forms {
        let form = format!("POST /health HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n0\r\n\r\n");
        is_refused(&server, form.as_bytes(), 400, "BadRequest", message);
    }
    let form = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    is_refused(&server, form, 400, "BadRequest", CODING);
    let message = "A POST in HTTP/1.0 needs a Content-Length.";
    is_refused(&server, b"POST / HTTP/1.0\r\n\r\n", 400, "BadRequest", message);
}

#[tokio::test]
async fn malformed_chunks_are_refused() {
    let server = Server::start().await;
    let forms = [
        ("x\r\n", SIZE),
        ("\r\n", SIZE),
        ("-1\r\n", SIZE),
        ("0x1\r\n", SIZE),
        (" 1\r\n", SIZE),
        ("1 \r\n", SIZE),
        ("1\na\r\n0\r\n\r\n", SIZE),
        ("1;x\0\r\n", SIZE),
        ("1\r\nab\r\n", CHUNK),
        ("1\r\na\n0\r\n\r\n", CHUNK),
        ("0\r\nX\r\n\r\n", TRAILER),
        ("0\r\nX: a\nY: b\r\n\r\n", TRAILER),
        ("0\r\n\n", TRAILER),
    ];
    let head = "POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (body, message) in forms {
        is_refused(&server, (head.to_owned() + body).as_bytes(), 400, "BadRequest", message);
        let after = format!("{head}2\r\nhi\r\n{body}");
        is_refused(&server, after.as_bytes(), 400, "BadRequest", message);
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_however_the_bytes_are_split() {
    let server = Server::start().await;
    let post = |id: &str, body: &str| {
        format!("POST /beta/$batch HTTP/1.1\r\nHost: a\r\nclient-request-id: {id}\r\n{body}")
    };
    let mut text = String::new();
    for round in 0..40 {
        text += &post(&format!("a{round}"), "\r\n");
        text += &post(&format!("b{round}"), "Content-Length: 5\r\n\r\nhello");
        let chunks = "5;x\r\nhello\r\n0\r\nX: y\r\n\r\n";
        text += &post(&format!("c{round}"), &format!("Transfer-Encoding: Chunked\r\n\r\n{chunks}"));
    }
    for size in [1, 7, 100, text.len()] {
        let mut wire = Wire::open(&server);
        wire.0.set_nodelay(true).unwrap();
        for piece in text.as_bytes().chunks(size) {
            wire.send(piece);
        }
        for round in 0..40 {
            for name in ["a", "b", "c"] {
                let answer = wire.answer();
                answer.refused(401, "InvalidAuthenticationToken");
                assert_eq!(answer.header("client-request-id"), Some(&*format!("{name}{round}")));
            }
        }
        wire.goes_on();
    }
}

#[tokio::test]
async fn no_request_is_read_after_a_close_or_a_refusal() {
    let server = Server::start().await;
    let good = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    for last in [
        "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Close\r\n\r\n",
        "GET /health HTTP/1.0\r\n\r\n",
    ] {
        let mut wire = Wire::open(&server);
        wire.send(format!("{good}{last}{good}"));
        assert_eq!((wire.answer().status, wire.answer().status), (200, 200));
        wire.ends();
    }
    let mut wire = Wire::open(&server);
    wire.send(format!("{good}GET / HTTP/1.1\r\n\r\n{good}"));
    assert_eq!(wire.answer().status, 200);
    wire.answer().refused(400, "BadRequest");
    wire.ends();
}

#[tokio::test]
async fn a_half_closed_connection_gets_its_reply_or_400_if_the_request_is_incomplete() {
    let server = Server::start().await;
    for begun in [
        "GET / HT",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
    ] {
        let mut wire = Wire::open(&server);
        wire.send(begun).0.shutdown(std::net::Shutdown::Write).unwrap();
        let message = wire.answer().refused(400, "BadRequest");
        assert_eq!(message, "The request ended before it was whole.");
        wire.ends();
    }
    let mut wire = Wire::open(&server);
    let body = "x".repeat(1_000_000);
    wire.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n{body}"));
    wire.0.shutdown(std::net::Shutdown::Write).unwrap();
    wire.answer().refused(401, "InvalidAuthenticationToken");
    wire.ends();
}
