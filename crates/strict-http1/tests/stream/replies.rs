//! What happens while a reply is sent, and after it?

use std::io::ErrorKind;
use std::time::Duration;

use strict_http1::{AfterReply, Settings, StrictStream, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream, DuplexStream, duplex};
use tokio::time::sleep;

use crate::support::{CAPACITY, GET, connect, must_wait, read, reply, send};

/// A client that has sent one request, which the server has read.
async fn connect_and_ask() -> (DuplexStream, StrictStream<DuplexStream>) {
    let (mut client, mut server) = connect(Settings::default());
    client.write_all(GET.as_bytes()).await.unwrap();
    assert_eq!(read(&mut server).await, GET);
    (client, server)
}

#[tokio::test(start_paused = true)]
async fn the_next_request_waits_for_the_end_of_the_reply_and_not_for_its_first_flush() {
    let (mut client, mut server) = connect(Settings::default());
    client.write_all(GET.repeat(2).as_bytes()).await.unwrap();
    assert_eq!(read(&mut server).await, GET);
    for piece in ["HTTP/1.1 200 OK\r\n\r\n", "1\r\na\r\n", "0\r\n\r\n"] {
        assert!(must_wait(&mut server).await);
        send(&mut server, piece.as_bytes()).await.unwrap();
        assert_eq!(read(&mut client).await, piece);
    }
    assert!(must_wait(&mut server).await);
    let unfinished = server.connection().unfinished_reply(AfterReply::KeepAlive);
    server.flush().await.unwrap();
    assert!(must_wait(&mut server).await);
    drop(unfinished);
    assert!(must_wait(&mut server).await);
    server.flush().await.unwrap();
    assert_eq!(read(&mut server).await, GET);
}

#[tokio::test(start_paused = true)]
async fn a_reply_may_take_hours_to_produce() {
    let (mut client, mut server) = connect_and_ask().await;
    for _ in 0..3 {
        sleep(Duration::from_secs(3600)).await;
        send(&mut server, b"data: 1\n\n").await.unwrap();
        assert_eq!(read(&mut client).await, "data: 1\n\n");
    }
    reply(&mut server, AfterReply::KeepAlive).await;
    client.write_all(GET.as_bytes()).await.unwrap();
    assert_eq!(read(&mut server).await, GET);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_take_its_reply_is_cut_off() {
    let (_client, mut server) = connect_and_ask().await;
    let error = send(&mut server, &[b'x'; CAPACITY + 1]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_a_long_reply_fast_enough_is_not_cut_off() {
    let (mut client, mut server) = connect_and_ask().await;
    let rate = Timeouts::default().reply_rate as usize;
    let reader = async {
        let mut piece = vec![0; rate / 10];
        for _ in 0..1000 {
            sleep(Duration::from_millis(100)).await;
            client.read_exact(&mut piece).await.unwrap();
        }
    };
    let reply = vec![b'x'; rate / 10 * 1000];
    let (sent, ()) = tokio::join!(send(&mut server, &reply), reader);
    sent.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_too_slowly_is_cut_off_however_often_the_reply_is_flushed() {
    let (mut client, mut server) = connect_and_ask().await;
    let reader = tokio::spawn(async move {
        while client.read_exact(&mut [0; 100]).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let mut sent = Ok(());
    for _ in 0..100 {
        sent = sent.and(send(&mut server, &[b'x'; CAPACITY]).await);
    }
    assert_eq!(sent.unwrap_err().kind(), ErrorKind::TimedOut);
    drop(server);
    reader.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_pauses_gets_its_time_back_while_it_takes_the_reply() {
    let (mut client, mut server) = connect_and_ask().await;
    let timeouts = Timeouts::default();
    let pause = timeouts.reply - Duration::from_secs(1);
    let earned = timeouts.reply_rate as usize * timeouts.reply.as_secs() as usize;
    for _ in 0..3 {
        let reader = async {
            sleep(pause).await;
            client.read_exact(&mut vec![0; earned]).await.unwrap();
        };
        let reply = vec![b'x'; earned];
        let (sent, ()) = tokio::join!(send(&mut server, &reply), reader);
        sent.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_that_the_stream_below_holds_back_count_as_not_taken() {
    let (_client, server) = duplex(CAPACITY);
    let mut server = StrictStream::new(BufStream::new(server), Settings::default());
    server.write_all(&[b'x'; CAPACITY + 1]).await.unwrap();
    assert_eq!(server.flush().await.unwrap_err().kind(), ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_the_stream_below_cannot_send_is_not_waited_for() {
    let (_client, server) = duplex(CAPACITY);
    let mut server = StrictStream::new(BufStream::new(server), Settings::default());
    server.write_all(&[b'x'; CAPACITY + 1]).await.unwrap();
    assert_eq!(server.shutdown().await.unwrap_err().kind(), ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_stream_below_has_read_already_is_noticed_after_the_reply() {
    let (mut client, server) = duplex(CAPACITY);
    let mut server = StrictStream::new(BufStream::new(server), Settings::default());
    client.write_all(GET.repeat(2).as_bytes()).await.unwrap();
    let mut request = vec![0; GET.len()];
    server.read_exact(&mut request).await.unwrap();
    server.connection().finish_reply(AfterReply::KeepAlive);
    let (mut reader, mut writer) = tokio::io::split(server);
    // It waits before the reply is sent, and nothing comes that would wake it.
    let next = tokio::spawn(async move { read(&mut reader).await });
    tokio::task::yield_now().await;
    send(&mut writer, b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    assert_eq!(next.await.unwrap(), GET);
}

#[tokio::test(start_paused = true)]
async fn after_the_last_reply_nothing_is_read() {
    for (request, after) in [
        (GET, AfterReply::Close),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", AfterReply::KeepAlive),
        ("GET / HTTP/1.0\r\n\r\n", AfterReply::KeepAlive),
    ] {
        let (mut client, mut server) = connect(Settings::default());
        client.write_all(format!("{request}{GET}").as_bytes()).await.unwrap();
        assert_eq!(read(&mut server).await, request);
        reply(&mut server, after).await;
        assert_eq!(read(&mut server).await, "");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_reply_before_the_end_of_the_body_nothing_is_read() {
    let (mut client, mut server) = connect(Settings::default());
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(read(&mut server).await, head);
    reply(&mut server, AfterReply::KeepAlive).await;
    client.write_all(GET.as_bytes()).await.unwrap();
    assert_eq!(read(&mut server).await, "");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_still_sends_can_read_its_last_reply() {
    let (mut client, mut server) = connect(Settings::default());
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    while !read(&mut server).await.is_empty() {}
    reply(&mut server, AfterReply::Close).await;
    let sends = async {
        client.write_all(&[b'x'; 10 * CAPACITY]).await.unwrap();
        let text = read(&mut client).await;
        client.shutdown().await.unwrap();
        text
    };
    let (ended, text) = tokio::join!(server.shutdown(), sends);
    ended.unwrap();
    assert_eq!(text, "HTTP/1.1 204 No Content\r\n\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_without_end_is_left() {
    let (mut client, mut server) = connect(Settings::default());
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    while !read(&mut server).await.is_empty() {}
    let sender = tokio::spawn(async move {
        while client.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
    });
    server.shutdown().await.unwrap();
    drop(server);
    sender.await.unwrap();
}
