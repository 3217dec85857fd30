//! Is HTTPS the same service, and which handshakes are refused or cut?

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use runstate::http::{Options, Timeouts};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use serde_json::json;

use super::{DEADLINE, SHORT, Wire, used};
use crate::harness::{SCRIPTS, Server, TlsStream, client_config, connect, options};

impl Wire<TlsStream> {
    fn open_tls(server: &Server) -> Self {
        Self::try_open_tls(server).unwrap()
    }

    fn try_open_tls(server: &Server) -> io::Result<Self> {
        let config = client_config(&server.tls().authority, rustls::ALL_VERSIONS);
        let stream = connect(server.tls().address, &config)?;
        stream.sock.set_read_timeout(Some(DEADLINE))?;
        stream.sock.set_write_timeout(Some(DEADLINE))?;
        Ok(Self(stream))
    }
}

/// A connection to the port of HTTPS without a handshake.
fn bare(server: &Server) -> Wire {
    Wire::connect(server.tls().address)
}

/// The first bytes that a client of TLS sends.
fn client_hello(server: &Server) -> Vec<u8> {
    let config = client_config(&server.tls().authority, rustls::ALL_VERSIONS);
    let name = "localhost".try_into().unwrap();
    let mut hello = Vec::new();
    ClientConnection::new(config, name).unwrap().write_tls(&mut hello).unwrap();
    hello
}

async fn server_with(change: impl FnOnce(&mut Timeouts)) -> Server {
    let mut timeouts = Timeouts::default();
    change(&mut timeouts);
    Server::with_options(Options { timeouts, ..options() }).await
}

#[tokio::test]
async fn links_of_a_request_over_tls_are_https() {
    let server = Server::start().await;
    let client = server.tls_client();
    let base = format!("https://localhost:{}/beta", server.tls().address.port());
    for name in ["a", "b"] {
        let script = client.post(SCRIPTS, &json!({ "displayName": name })).await;
        assert_eq!(script.status, 201);
        let location = script.headers["location"].to_str().unwrap().to_owned();
        assert!(location.starts_with(&format!("{base}/deviceManagement/")), "{location}");
    }
    let list = format!("{SCRIPTS}?$top=1&$select=displayName&$orderby=displayName");
    let page = client.get(&list).await.ok();
    let context = "$metadata#deviceManagement/deviceManagementScripts(displayName)";
    assert_eq!(page["@odata.context"], format!("{base}/{context}"));
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&format!("{base}/deviceManagement/")), "{next}");
    assert_eq!(client.pages(next, "displayName").await, [["b"]]);
    // The same server without TLS still has links without it.
    let page = server.client().get(&format!("{SCRIPTS}?$top=0")).await.ok();
    assert!(page["@odata.context"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{page}");
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_served_with_http_1_alone() {
    let server = Server::start().await;
    for version in [&TLS12, &TLS13] {
        let offers = |protocols: &[&str]| {
            let config = client_config(&server.tls().authority, &[version]);
            let mut config = ClientConfig::clone(&config);
            config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
            connect(server.tls().address, &Arc::new(config))
        };
        for offered in [&["h2", "http/1.1"][..], &["http/1.1"]] {
            let stream = offers(offered).unwrap();
            assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
            Wire(stream).goes_on();
        }
        let stream = offers(&[]).unwrap();
        assert_eq!(stream.conn.alpn_protocol(), None);
        assert_eq!(stream.conn.protocol_version(), Some(version.version));
        Wire(stream).goes_on();
        let refused = offers(&["h2"]).unwrap_err();
        assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
    }
}

#[tokio::test]
async fn a_request_without_tls_on_the_port_of_https_is_told_so() {
    let server = Server::start().await;
    let told = |request: &str, base: &str| {
        let mut wire = bare(&server);
        let message = wire.send(request).answer().refused(400, "BadRequest");
        assert_eq!(message, format!("This port speaks HTTPS only. Use {base}."));
        wire.ends();
    };
    let address = format!("https://{}", server.tls().address);
    told("GET /beta HTTP/1.1\r\nHost: localhost:8443\r\n\r\n", "https://localhost:8443");
    told("POST /beta HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", "https://a");
    told("GET / HTTP/1.0\r\n\r\n", &address);
    told("no HTTP at all\r\n\r\n", &address);
    Wire::open(&server).goes_on();
}

#[tokio::test]
async fn requests_over_tls_are_checked_as_others_are() {
    let server = Server::start().await;
    let mut wire = Wire::open_tls(&server);
    // Several requests in one record are answered in turn.
    wire.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20));
    for _ in 0..20 {
        assert_eq!(wire.answer().body, "ok");
    }
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    let message = wire.answer().refused(400, "BadRequest");
    assert_eq!(message, "Content-Length and Transfer-Encoding exclude each other.");
    wire.ends();
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_cut() {
    let server = server_with(|it| it.head = SHORT).await;
    let hello = client_hello(&server);
    // No byte, the first one, a part, a whole hello after which nothing comes.
    for length in [0, 1, hello.len() / 2, hello.len()] {
        let mut wire = bare(&server);
        wire.send(&hello[..length]);
        wire.0.read_to_end(&mut Vec::new()).unwrap();
    }
    // A handshake, and then no request.
    used(0, || Wire::try_open_tls(&server)).ends();
    used(1, || Wire::try_open_tls(&server));
}

#[tokio::test]
async fn a_handshake_of_single_bytes_has_no_more_time() {
    let server = server_with(|it| it.head = SHORT).await;
    let mut wire = bare(&server);
    let start = Instant::now();
    // A record that announces 16 KiB.
    wire.send(b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc");
    while wire.0.write_all(b"x").is_ok() && start.elapsed() < DEADLINE {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(start.elapsed() < DEADLINE);
}

#[tokio::test]
async fn a_thousand_half_handshakes_do_not_block_others() {
    rlimit::increase_nofile_limit(4096).unwrap();
    let server = server_with(|it| it.head = Duration::from_secs(3600)).await;
    let hello = client_hello(&server);
    let open = |number: usize| {
        let mut wire = bare(&server);
        wire.send(&hello[..[0, 1, hello.len() / 2, hello.len()][number % 4]]);
        wire
    };
    let half: Vec<Wire> = (0..1000).map(open).collect();
    for _ in 0..10 {
        Wire::open_tls(&server).goes_on();
        Wire::open(&server).goes_on();
    }
    drop(half);
}

#[tokio::test]
async fn altered_handshakes_end_and_harm_nobody() {
    let server = server_with(|it| it.head = SHORT).await;
    let (hello, mut random) = (client_hello(&server), StdRng::seed_from_u64(8443));
    let alter = |number: usize| {
        let mut bytes = hello.clone();
        for _ in 0..=number % 8 {
            let place = random.random_range(1..bytes.len());
            bytes[place] = random.random();
        }
        let mut wire = bare(&server);
        // The server may refuse the first half before the second is sent.
        wire.0.write_all(&bytes).ok();
        wire.0.write_all(&bytes).ok();
        wire
    };
    let altered: Vec<Wire> = (0..200).map(alter).collect();
    for mut wire in altered {
        match wire.0.read_to_end(&mut Vec::new()) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    }
    used(1, || Wire::try_open_tls(&server));
}

#[tokio::test]
async fn a_client_of_tls_that_does_not_read_its_replies_is_disconnected() {
    let server = server_with(|it| it.reply = SHORT).await;
    let mut wire = Wire::open_tls(&server);
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
async fn a_new_certificate_is_for_new_connections_and_closes_none() {
    let server = Server::start().await;
    let old = client_config(&server.tls().authority, rustls::ALL_VERSIONS);
    let mut open = Wire(connect(server.tls().address, &old).unwrap());
    open.goes_on();
    let new = server.tls().replace_certificate();
    open.goes_on();
    // Also a client that resumes sessions sees that the certificate is another one.
    let refused = connect(server.tls().address, &old).unwrap_err();
    assert!(refused.to_string().contains("invalid peer certificate"), "{refused}");
    let new = client_config(&new, rustls::ALL_VERSIONS);
    Wire(connect(server.tls().address, &new).unwrap()).goes_on();
    open.goes_on();
}

#[tokio::test]
async fn sessions_are_resumed() {
    let server = Server::start().await;
    for version in [&TLS12, &TLS13] {
        let config = client_config(&server.tls().authority, &[version]);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let stream = connect(server.tls().address, &config).unwrap();
            assert_eq!(stream.conn.handshake_kind(), Some(kind), "{version:?}");
            // In TLS 1.3, tickets come with the first bytes of a reply.
            Wire(stream).goes_on();
        }
    }
}

#[test]
fn a_port_that_is_not_for_https_speaks_no_tls() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    let address = server.base().strip_prefix("http://").unwrap().parse().unwrap();
    let config = client_config(&server.tls().authority, rustls::ALL_VERSIONS);
    assert!(connect(address, &config).is_err());
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(&client_hello(&server)).unwrap();
    let mut reply = [0; 15];
    socket.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"HTTP/1.1 400 Ba");
}
