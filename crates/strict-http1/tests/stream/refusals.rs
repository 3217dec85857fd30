//! Which requests are refused, and what does the HTTP server see of them?

use strict_http1::{HeadersTooLarge, Limits, Malformed, Refusal, Settings, StrictStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{GET, connect, read};

/// What the HTTP server reads of these bytes, which are all that the client sends, and why they are
/// refused.
async fn refuse(request: &str, settings: Settings) -> (String, Option<Refusal>) {
    let stream = tokio::io::join(request.as_bytes(), tokio::io::sink());
    let mut server = StrictStream::new(stream, settings);
    let mut seen = String::new();
    server.read_to_string(&mut seen).await.unwrap();
    (seen, server.connection().take_refusal())
}

#[tokio::test]
async fn a_request_with_more_than_one_reading_is_refused_for_its_reason() {
    let host = "Host: a\r\n";
    let post = |headers: &str| format!("POST / HTTP/1.1\r\n{host}{headers}\r\n\r\n");
    let chunked = |body: &str| post("Transfer-Encoding: chunked") + body;
    for (request, reason) in [
        ("GET /\r\n".into(), Malformed::RequestLine),
        (format!("G#T / HTTP/1.1\r\n{host}\r\n"), Malformed::RequestLine),
        (format!("GET / HTTP/2.0\r\n{host}\r\n"), Malformed::Version),
        (format!("{}{GET}", "\r\n".repeat(5)), Malformed::EmptyLines),
        ("GET / HTTP/1.1\nHost: a\n\n".into(), Malformed::LineEnding),
        (format!("GET / HTTP/1.1\r\n{host}X : y\r\n\r\n"), Malformed::HeaderName),
        (format!("GET / HTTP/1.1\r\n{host}X: \0\r\n\r\n"), Malformed::HeaderValue),
        (format!("CONNECT a:80 HTTP/1.1\r\n{host}\r\n"), Malformed::Connect),
        (format!("GET /# HTTP/1.1\r\n{host}\r\n"), Malformed::TargetByte(b'#')),
        (format!("GET a HTTP/1.1\r\n{host}\r\n"), Malformed::Target),
        ("GET / HTTP/1.1\r\n\r\n".into(), Malformed::MissingHost),
        (format!("GET / HTTP/1.1\r\n{host}{host}\r\n"), Malformed::Host),
        (format!("GET http://b/ HTTP/1.1\r\n{host}\r\n"), Malformed::OtherHost),
        (post("Content-Length: 1, 1"), Malformed::ContentLength),
        (post("Transfer-Encoding: gzip, chunked"), Malformed::TransferEncoding),
        (post("Content-Length: 5\r\nTransfer-Encoding: chunked"), Malformed::TwoFramings),
        ("POST / HTTP/1.0\r\n\r\n".into(), Malformed::MissingLength),
        (chunked("x\r\n"), Malformed::ChunkSize),
        (chunked("1\r\nab\r\n"), Malformed::ChunkEnd),
        (chunked("0\r\nX\r\n\r\n"), Malformed::Trailer),
        ("GET / HT".into(), Malformed::Incomplete),
        (post("Content-Length: 5") + "hell", Malformed::Incomplete),
        (chunked("5\r\nhell"), Malformed::Incomplete),
    ] {
        let (_, refusal) = refuse(&request, Settings::default()).await;
        assert_eq!(refusal, Some(Refusal::Malformed(reason)), "{request:?}");
    }
}

#[tokio::test]
async fn a_request_that_exceeds_a_limit_is_refused_by_it() {
    let limits = Limits {
        body: 10,
        target: 30,
        header_section: 200,
        headers: 4,
        header_name: 20,
        chunk_metadata: 5,
    };
    let settings = Settings { limits, ..Settings::default() };
    let get =
        |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
    let chunked = |body: &str| get("/", "Transfer-Encoding: chunked\r\n") + body;
    for (good, bad, refusal) in [
        (
            get("/", "Content-Length: 10\r\n") + "0123456789",
            get("/", "Content-Length: 11\r\n"),
            Refusal::BodyTooLarge { limit: 10 },
        ),
        (
            chunked("9\r\n012345678\r\n1\r\n9\r\n0\r\n\r\n"),
            chunked("9\r\n012345678\r\n2\r\n"),
            Refusal::BodyTooLarge { limit: 10 },
        ),
        (
            get(&format!("/{:29}", "").replace(' ', "x"), ""),
            get(&format!("/{:30}", "").replace(' ', "x"), ""),
            Refusal::TargetTooLong { limit: 30 },
        ),
        (
            get("/", &format!("X: {:180}\r\n", "")),
            get("/", &format!("X: {:190}\r\n", "")),
            HeadersTooLarge::Section { limit: 200 }.into(),
        ),
        (
            get("/", &"X: y\r\n".repeat(3)),
            get("/", &"X: y\r\n".repeat(4)),
            HeadersTooLarge::Count { limit: 4 }.into(),
        ),
        (
            get("/", &format!("{}: y\r\n", "x".repeat(20))),
            get("/", &format!("{}: y\r\n", "x".repeat(21))),
            HeadersTooLarge::Name { limit: 20 }.into(),
        ),
        (
            chunked("1;abcd\r\nx\r\n0\r\n\r\n"),
            chunked("1;abcd\r\nx\r\n0;"),
            HeadersTooLarge::ChunkMetadata { limit: 5 }.into(),
        ),
        (
            get("/", "Expect: 100-continue\r\n"),
            get("/", "Expect: something\r\n"),
            Refusal::UnknownExpectation,
        ),
    ] {
        let (mut client, mut server) = connect(settings);
        client.write_all(good.as_bytes()).await.unwrap();
        let mut seen = vec![0; good.len()];
        server.read_exact(&mut seen).await.unwrap();
        assert_eq!(String::from_utf8(seen).unwrap(), good);
        assert_eq!(refuse(&bad, settings).await.1, Some(refusal), "{bad:?}");
    }
}

#[tokio::test]
async fn another_head_takes_the_place_of_a_refused_one() {
    let kept_headers = &["origin", "x-id"];
    let settings = Settings { kept_headers, ..Settings::default() };
    let (seen, refusal) = refuse("GET /secret HTTP/1.1\r\nX-Id: 1\r\nX: 2\r\n\r\n", settings).await;
    assert_eq!(refusal, Some(Malformed::MissingHost.into()));
    let end = "Connection: close\r\n\r\n";
    assert_eq!(seen, format!("GET / HTTP/1.1\r\nHost: refused\r\nX-Id: 1\r\n{end}"));
    let (seen, _) = refuse("HEAD /secret HTTP/1.1\r\nX", settings).await;
    assert_eq!(seen, format!("HEAD / HTTP/1.1\r\nHost: refused\r\n{end}"));
}

#[tokio::test]
async fn a_refused_body_just_ends() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let (seen, refusal) = refuse(&format!("{head}x{GET}"), Settings::default()).await;
    assert_eq!((&*seen, refusal), (head, Some(Malformed::ChunkSize.into())));
}

#[tokio::test]
async fn another_protocol_is_not_asked_for() {
    let (mut client, mut server) = connect(Settings::default());
    let head = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    let expected = head.replace("Upgrade", "ignored");
    assert_eq!(read(&mut server).await, expected);
}
