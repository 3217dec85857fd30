//! Which timeouts do slow clients reach, and are other clients served meanwhile?

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use runstate::http::{Options, Timeouts};

use super::{DEADLINE, SHORT, Wire, used};
use crate::harness::{Server, options};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);
const LATE: &str = "The request did not arrive in time.";

/// A server with changed timeouts.
async fn server_with(change: impl FnOnce(&mut Timeouts)) -> Server {
    let mut timeouts = Timeouts::default();
    change(&mut timeouts);
    Server::with_options(Options { timeouts, ..options() }).await
}

#[tokio::test]
async fn a_head_that_takes_too_long_is_refused() {
    let server = server_with(|it| it.head = SHORT).await;
    for begun in ["G", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        let mut wire = Wire::open(&server);
        assert_eq!(wire.send(begun).answer().refused(408, "RequestTimeout"), LATE);
        wire.ends();
        let mut wire = used(1, || Ok(Wire::open(&server)));
        assert_eq!(wire.send(begun).answer().refused(408, "RequestTimeout"), LATE);
        wire.ends();
    }
}

#[tokio::test]
async fn sending_bytes_slowly_does_not_extend_the_timeout() {
    let server = server_with(|it| it.head = SHORT).await;
    let mut wire = Wire::open(&server);
    wire.send("GET / HTTP/1.1\r\nX: ");
    let start = Instant::now();
    while wire.0.write_all(b"x").is_ok() && start.elapsed() < DEADLINE {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(start.elapsed() < DEADLINE);
}

#[tokio::test]
async fn a_body_that_takes_too_long_is_refused() {
    let server = server_with(|it| it.body = SHORT).await;
    for framing in ["Content-Length: 9\r\n\r\nhell", "Transfer-Encoding: chunked\r\n\r\n9\r\nhell"]
    {
        let mut wire = Wire::open(&server);
        wire.send(format!("POST / HTTP/1.1\r\nHost: a\r\n{framing}"));
        assert_eq!(wire.answer().refused(408, "RequestTimeout"), LATE);
        wire.ends();
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_reply() {
    let server = server_with(|it| {
        it.idle = SHORT;
        it.head = SHORT;
    })
    .await;
    Wire::open(&server).ends();
    used(2, || Ok(Wire::open(&server))).ends();
}

#[tokio::test]
async fn a_client_that_does_not_read_its_replies_is_disconnected() {
    let server = server_with(|it| it.reply = SHORT).await;
    let mut wire = Wire::open(&server);
    let ask = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100);
    let start = Instant::now();
    let error = loop {
        if let Err(error) = wire.0.write_all(ask.as_bytes()) {
            break error;
        }
        assert!(start.elapsed() < DEADLINE, "the server still reads");
    };
    let cut_off = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    assert!(cut_off.contains(&error.kind()), "{error}");
}

#[tokio::test]
async fn a_thousand_slow_clients_do_not_block_others() {
    // Both ends of each connection are open files of this process.
    rlimit::increase_nofile_limit(4096).unwrap();
    // Slow clients stay connected for as long as the test takes.
    let server = server_with(|it| {
        *it = Timeouts { head: LONG, body: LONG, idle: LONG, ..Timeouts::default() };
    })
    .await;
    let beginnings = [
        "",
        "G",
        "GET / HTTP/1.1\r\nX: ",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
    ];
    let open = |number: usize| {
        let mut wire = Wire::open(&server);
        wire.send(beginnings[number % beginnings.len()]);
        wire
    };
    let mut slow: Vec<Wire> = (0..1000).map(open).collect();
    for _ in 0..10 {
        Wire::open(&server).goes_on();
    }
    // All slow connections are still open.
    for wire in &mut slow {
        wire.0.set_nonblocking(true).unwrap();
        let closed = wire.0.read(&mut [0]);
        assert_eq!(closed.unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}
