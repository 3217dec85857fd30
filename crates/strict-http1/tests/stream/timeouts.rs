//! How long may a client take to send a request? The clock is tokio's, which runs ahead whenever
//! everyone waits.

use std::time::Duration;

use strict_http1::{AfterReply, Refusal, Settings, StrictStream, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use crate::support::{CAPACITY, GET, connect, read, reply};

const SECOND: Duration = Duration::from_secs(1);

/// Reads to the end and returns why the request was refused.
async fn refusal(server: &mut StrictStream<DuplexStream>) -> Option<Refusal> {
    server.read_to_end(&mut Vec::new()).await.unwrap();
    server.connection().take_refusal()
}

#[tokio::test(start_paused = true)]
async fn a_head_must_be_whole_in_time() {
    for begun in ["G", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        let (mut client, mut server) = connect(Settings::default());
        client.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(refusal(&mut server).await, Some(Refusal::Timeout));
    }
}

#[tokio::test(start_paused = true)]
async fn sending_bytes_slowly_does_not_extend_the_timeout() {
    let (mut client, mut server) = connect(Settings::default());
    client.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    let dribble = async {
        for _ in 0..100 {
            sleep(SECOND).await;
            client.write_all(b"x").await.unwrap();
        }
        unreachable!("the client outlived its timeout");
    };
    tokio::select! {
        refusal = refusal(&mut server) => assert_eq!(refusal, Some(Refusal::Timeout)),
        () = dribble => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_must_be_whole_in_time() {
    for framing in ["Content-Length: 9\r\n\r\nhell", "Transfer-Encoding: chunked\r\n\r\n9\r\nhell"]
    {
        let (mut client, mut server) = connect(Settings::default());
        let request = format!("POST / HTTP/1.1\r\nHost: a\r\n{framing}");
        client.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(read(&mut server).await, request);
        assert_eq!(read(&mut server).await, "");
        assert_eq!(server.connection().take_refusal(), Some(Refusal::Timeout));
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_request_ends() {
    let (_client, mut server) = connect(Settings::default());
    assert_eq!(read(&mut server).await, "");
    assert_eq!(server.connection().take_refusal(), None);

    let (mut client, mut server) = connect(Settings::default());
    for _ in 0..2 {
        client.write_all(GET.as_bytes()).await.unwrap();
        assert_eq!(read(&mut server).await, GET);
        reply(&mut server, AfterReply::KeepAlive).await;
        sleep(Timeouts::default().idle - SECOND).await;
    }
    assert_eq!(read(&mut server).await, "");
    assert_eq!(server.connection().take_refusal(), None);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_handshake_counts() {
    let (mut client, server) = duplex(CAPACITY);
    let accepted = Instant::now();
    sleep(Timeouts::default().head - SECOND).await;
    let mut server = StrictStream::accepted_at(accepted, server, Settings::default());
    let late = async {
        sleep(2 * SECOND).await;
        client.write_all(GET.as_bytes()).await
    };
    let (read, sent) = tokio::join!(read(&mut server), late);
    sent.unwrap();
    assert_eq!(read, "");
}
