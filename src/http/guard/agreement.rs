//! Do the guard and actix read the same? What passes the guard must be one request for actix, no
//! more and no less; else a client could hide a second one in it, or see an error of actix's own.

use actix_http::h1::{Codec, Message, MessageType};
use bytes::BytesMut;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tokio::task::LocalSet;
use tokio_util::codec::Decoder;

use super::reception::{Next, Reception};

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

/// What passes of these bytes, where that is a whole request.
fn passing(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut reception = Reception::default();
    let (good, judgement) = reception.judge(&mut bytes);
    bytes.truncate(good);
    (judgement.is_ok() && reception.next() == Next::Reply).then_some(bytes)
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

/// Requests of which most have a fault, and some one more: a byte that is another.
fn requests() -> impl Strategy<Value = Vec<u8>> {
    let headers = vec(select(HEADERS), 0..4);
    let parts = (select(LINES), headers, select(BODIES), option::of((any::<Index>(), any::<u8>())));
    parts.prop_map(|(line, headers, body, fault)| {
        let mut bytes = [line, &headers.concat(), "\r\n", body].concat().into_bytes();
        if let Some((index, byte)) = fault {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn what_passes_the_guard_is_one_request_for_actix(bytes in requests()) {
        if let Some(passing) = passing(bytes) {
            prop_assert!(is_one_request(&passing), "{}", passing.escape_ascii());
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
        if let Some(passing) = passing(request.into_bytes()) {
            assert!(is_one_request(&passing), "{}", passing.escape_ascii());
            passed += 1;
        }
    }
    // Not with a host that is another, in HTTP/1.0 not in chunks, nor in what are none.
    assert_eq!(passed, 5 + 5 + 3 * 4);
}

#[test]
fn every_sign_of_a_target_that_passes_is_one_for_actix() {
    let request = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes();
    let mut passed = 0;
    for sign in (0..=u8::MAX).map(char::from) {
        for target in [format!("/{sign}"), format!("/a?{sign}"), format!("http://a/{sign}?{sign}")]
        {
            if let Some(passing) = passing(request(&target)) {
                assert!(is_one_request(&passing), "{}", passing.escape_ascii());
                passed += 1;
            }
        }
    }
    // All that can be seen but for six.
    assert_eq!(passed, 3 * (94 - 6));
}
