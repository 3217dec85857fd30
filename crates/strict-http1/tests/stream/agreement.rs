//! Do the stream and actix read the same? Bytes that pass must be one request for actix, no more and
//! no less. Else a client could hide a second request in it, or see an error of actix's own.

use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use actix_http::h1::{Codec, Message, MessageType};
use bytes::BytesMut;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use strict_http1::{Settings, StrictStream};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;
use tokio_util::codec::Decoder;

/// More than the longest of these requests.
const ROOM: usize = 4096;

/// The stream's timers want a runtime, although nobody waits for them here.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().unwrap());

const LINES: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "HEAD /a?b=c HTTP/1.0\r\n",
    "POST http://a HTTP/1.1\r\n",
    "PATCH HTTPS://[::1]:80/b?c HTTP/1.1\r\n",
    "OPTIONS * HTTP/1.1\r\n",
    "\r\n\r\nX-Y //b:c@d HTTP/1.1\r\n",
];
const HEADERS: &[&str] = &[
    "Host: a\r\n",
    "hOST:[::1]:80 \r\n",
    "Content-Length: 3\r\n",
    "Content-Length: 010\r\n",
    "Transfer-Encoding: chunked\r\n",
    "transfer-encoding:\tCHUNKED\r\n",
    "Connection: keep-alive, Upgrade\r\n",
    "Upgrade: websocket\r\n",
    "Expect: 100-continue\r\n",
    "X:\r\n",
    "Y: \u{e9}\r\n",
];
const BODIES: &[&str] = &[
    "3\r\nabc\r\n0\r\n\r\n",
    "003;a=\"b\"\r\nabc\r\nA \t;c\r\n0123456789\r\n00\r\n\r\n",
    "0\r\nX: y\r\nZ:\r\n\r\n",
    "0123456789",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
];

/// The bytes that pass, where they are a whole request; they arrive in two pieces.
fn passing(bytes: &[u8], cut: usize) -> Option<Vec<u8>> {
    let _entered = RUNTIME.enter();
    let (first, second) = bytes.split_at(cut);
    let stream = tokio::io::join(first.chain(second), tokio::io::sink());
    let mut stream = StrictStream::new(stream, Settings::default());
    let (mut buffer, mut passed) = ([0; ROOM], Vec::new());
    loop {
        let mut into = ReadBuf::new(&mut buffer);
        let context = &mut Context::from_waker(Waker::noop());
        match Pin::new(&mut stream).poll_read(context, &mut into).map(Result::unwrap) {
            Poll::Ready(()) if into.filled().is_empty() => return None,
            Poll::Ready(()) => passed.extend_from_slice(into.filled()),
            // It waits for the reply.
            Poll::Pending => break,
        }
    }
    stream.connection().take_refusal().is_none().then_some(passed)
}

/// Whether these are one request for actix, and nothing besides.
fn is_one_request(bytes: &[u8]) -> bool {
    // actix wants to start its clock, although nothing asks it for the time here.
    let tasks = LocalSet::new();
    let _entered = tasks.enter();
    let (mut codec, mut bytes) = (Codec::default(), BytesMut::from(bytes));
    if !matches!(codec.decode(&mut bytes), Ok(Some(Message::Item(_)))) {
        return false;
    }
    let mut is_over = matches!(codec.message_type(), MessageType::None);
    while !is_over {
        match codec.decode(&mut bytes) {
            Ok(Some(Message::Chunk(chunk))) => is_over = chunk.is_none(),
            _ => return false,
        }
    }
    bytes.is_empty()
}

/// Requests of which most have a fault, some with one byte changed, and where they are cut.
fn requests() -> impl Strategy<Value = (Vec<u8>, usize)> {
    let headers = vec(select(HEADERS), 0..4);
    let fault = option::of((any::<Index>(), any::<u8>()));
    let parts = (select(LINES), headers, select(BODIES), fault, any::<Index>());
    parts.prop_map(|(line, headers, body, fault, cut)| {
        let mut bytes = [line, &headers.concat(), "\r\n", body].concat().into_bytes();
        if let Some((index, byte)) = fault {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let cut = cut.index(bytes.len());
        (bytes, cut)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn what_passes_is_one_request_for_actix((bytes, cut) in requests()) {
        let passing = [passing(&bytes, 0), passing(&bytes, cut)];
        prop_assert_eq!(&passing[0], &passing[1]);
        for passing in passing.iter().flatten() {
            prop_assert!(is_one_request(passing), "{}", passing.escape_ascii());
        }
    }
}

#[test]
fn requests_pass_with_each_target_and_each_body() {
    let heads = |framing| LINES.iter().map(move |line| format!("{line}Host: a\r\n{framing}\r\n"));
    let mut passed = 0;
    let plain = heads("").chain(heads("Content-Length: 3\r\n").map(|head| head + "abc"));
    let chunked = BODIES
        .iter()
        .flat_map(|body| heads("Transfer-Encoding: chunked\r\n").map(move |head| head + body));
    for request in plain.chain(chunked) {
        if let Some(passing) = passing(request.as_bytes(), 0) {
            assert!(is_one_request(&passing), "{}", passing.escape_ascii());
            passed += 1;
        }
    }
    // Not the URLs of another host, in HTTP/1.0 no chunks, and of the bodies those that are chunks.
    assert_eq!(passed, 5 + 5 + 3 * 4);
}

#[test]
fn every_byte_of_a_target_that_passes_is_one_for_actix() {
    let request = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut passed = 0;
    for byte in (0..=u8::MAX).map(char::from) {
        for target in [format!("/{byte}"), format!("/a?{byte}"), format!("http://a/{byte}?{byte}")]
        {
            if let Some(passing) = passing(request(&target).as_bytes(), 0) {
                assert!(is_one_request(&passing), "{}", passing.escape_ascii());
                passed += 1;
            }
        }
    }
    // All visible characters of ASCII but for six.
    assert_eq!(passed, 3 * (94 - 6));
}

#[test]
fn every_byte_of_a_method_that_passes_is_one_for_actix() {
    let mut passed = 0;
    for byte in 0..=u8::MAX {
        let request = [b"A", &[byte][..], b"Z / HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
        if let Some(passing) = passing(&request, 0) {
            assert!(is_one_request(&passing), "{}", passing.escape_ascii());
            passed += 1;
        }
    }
    // Letters, digits, and ten others.
    assert_eq!(passed, 62 + 10);
}
