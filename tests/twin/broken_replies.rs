//! The bytes of broken replies, as a client without a library sees them; and whether the row of a
//! request is there.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::world::{SCRIPTS, Tenant, World};

/// How many creates wait at the same time: a slow machine serves more of them too late, with 503.
const AT_ONCE: usize = 20;

/// What came on the connection, and how it ended.
struct Raw {
    bytes: String,
    end: Option<ErrorKind>,
}

/// Sends a create on a connection of its own.
fn create(world: &World, tenant: &Tenant<'_>, name: &str) -> Raw {
    send(world, tenant, SCRIPTS, &json!({ "displayName": name }))
}

fn send(world: &World, tenant: &Tenant<'_>, path: &str, body: &Json) -> Raw {
    read(open(world, tenant, path, body))
}

/// A connection on which a request was sent.
fn open(world: &World, tenant: &Tenant<'_>, path: &str, body: &Json) -> TcpStream {
    let host = world.base.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(host).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let (token, body) = (tenant.token("user"), body.to_string());
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    // In one piece: a server that refuses the head would reset the connection before the body is sent.
    socket.write_all(request.as_bytes()).unwrap();
    socket
}

fn read(mut socket: TcpStream) -> Raw {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    let end = loop {
        match socket.read(&mut buffer) {
            Ok(0) => break None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) => break Some(error.kind()),
        }
    };
    Raw { bytes: String::from_utf8(bytes).unwrap(), end }
}

async fn rule(world: &World, tenant: &Tenant<'_>, then: Json) {
    world.delete(&tenant.path("/rules")).await;
    let rule = json!({ "when": { "method": "POST" }, "then": then });
    world.post(&tenant.path("/rules"), rule).await.json(201);
}

/// The length that the head announces, and the body that came.
fn parts(raw: &Raw) -> (usize, &str) {
    let (head, body) = raw.bytes.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}");
    let lines = head.lines().map(str::to_ascii_lowercase);
    let mut lengths = lines.filter_map(|line| Some(line.strip_prefix("content-length: ")?.parse()));
    (lengths.next().unwrap().unwrap(), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_has_no_byte_and_its_row_is_there_each_time() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    for (how, end) in [("close", None), ("reset", Some(ErrorKind::ConnectionReset))] {
        rule(&world, &tenant, json!({ "lostReply": how })).await;
        for number in 0..100 {
            let raw = create(&world, &tenant, &format!("{how} {number:02}"));
            assert_eq!((&*raw.bytes, raw.end), ("", end), "{how}");
        }
    }
    let mut expected: Vec<String> = (0..100).map(|number| format!("close {number:02}")).collect();
    expected.extend((0..100).map(|number| format!("reset {number:02}")));
    assert_eq!(tenant.scripts().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_lost_in_silence_keeps_its_connection_and_its_row_each_time() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    rule(&world, &tenant, json!({ "lostReply": "timeout" })).await;
    let body = json!({ "displayName": "a" });
    let (created, silent) = (json!(201), json!("timeout"));
    let lost = async || {
        let requests = world.get(&tenant.path("/requests")).await.json(200);
        let requests = requests["value"].as_array().unwrap().iter();
        let ended = requests.filter(|it| !it["status"].is_null());
        ended
            .inspect(|it| assert_eq!((&it["status"], &it["delivery"]), (&created, &silent)))
            .count()
    };
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.extend((0..AT_ONCE).map(|_| open(&world, &tenant, SCRIPTS, &body)));
        while lost().await < sockets.len() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    for socket in sockets {
        socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        let raw = read(socket);
        assert_eq!((&*raw.bytes, raw.end), ("", Some(ErrorKind::WouldBlock)));
    }
    assert_eq!(tenant.scripts().await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_is_reset_and_has_no_row_each_time() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    rule(&world, &tenant, json!({ "refuse": "reset" })).await;
    for _ in 0..100 {
        let raw = create(&world, &tenant, "a");
        assert_eq!((&*raw.bytes, raw.end), ("", Some(ErrorKind::ConnectionReset)));
    }
    // No status was sent, so none is recorded.
    let requests = world.get(&tenant.path("/requests")).await.json(200);
    let requests = requests["value"].as_array().unwrap();
    assert_eq!(requests.len(), 100);
    for request in requests {
        assert_eq!((&request["status"], &request["delivery"]), (&Json::Null, &json!("refuse")));
    }
    for then in [json!({ "status": { "code": 500 } }), json!({ "throttle": {} })] {
        rule(&world, &tenant, then).await;
        for _ in 0..100 {
            assert!(create(&world, &tenant, "a").bytes.starts_with("HTTP/1.1 "));
        }
    }
    assert_eq!(tenant.scripts().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_reply_has_its_head_and_the_beginning_of_its_body_each_time() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    for (then, of) in [
        (json!({ "cut": "half" }), None),
        (json!({ "cut": { "bytes": 10 } }), Some(10)),
        (json!({ "cut": { "bytes": 0 } }), Some(0)),
    ] {
        rule(&world, &tenant, then).await;
        for _ in 0..34 {
            let raw = create(&world, &tenant, "a");
            let (length, body) = parts(&raw);
            assert_eq!((body.len(), raw.end), (of.unwrap_or(length / 2), None));
        }
    }
    assert_eq!(tenant.scripts().await.len(), 102);
    // A cut behind the end of the body cuts nothing.
    rule(&world, &tenant, json!({ "cut": { "bytes": 1_000_000 } })).await;
    let raw = create(&world, &tenant, "whole");
    assert_eq!(parts(&raw).0, parts(&raw).1.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reply_arrives_as_a_whole_and_its_row_is_there_each_time() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    rule(&world, &tenant, json!({ "drip": { "bytesPerSecond": 5000 } })).await;
    let body = json!({ "displayName": "a" });
    for _ in 0..5 {
        let open = |_| open(&world, &tenant, SCRIPTS, &body);
        let sockets: Vec<_> = (0..AT_ONCE).map(open).collect();
        for socket in sockets {
            let raw = read(socket);
            let (length, body) = parts(&raw);
            assert_eq!((body.len(), raw.end), (length, None));
            assert_eq!(serde_json::from_str::<Json>(body).unwrap()["displayName"], "a");
        }
    }
    assert_eq!(tenant.scripts().await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pretended_create_has_a_whole_reply_and_no_row_each_time() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    rule(&world, &tenant, json!({ "pretend": true })).await;
    for _ in 0..100 {
        let raw = create(&world, &tenant, "a");
        let (length, body) = parts(&raw);
        assert_eq!((body.len(), raw.end), (length, None));
    }
    assert_eq!(tenant.scripts().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reply_to_a_batch_is_lost_as_a_whole_and_its_items_are_not_lost_alone() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    rule(&world, &tenant, json!({ "lostReply": "reset" })).await;
    let item = json!({
        "id": "1", "method": "POST", "url": "/deviceManagement/deviceManagementScripts",
        "headers": { "Content-Type": "application/json" }, "body": { "displayName": "a" }
    });
    let batch = json!({ "requests": [item] });
    let raw = send(&world, &tenant, "/beta/$batch", &batch);
    assert_eq!((&*raw.bytes, raw.end), ("", Some(ErrorKind::ConnectionReset)));
    assert_eq!(tenant.scripts().await, ["a"]);
    world.delete(&tenant.path("/rules")).await;
    let when = json!({ "operation": "create" });
    let rule = json!({ "when": when, "then": { "lostReply": "reset" } });
    world.post(&tenant.path("/rules"), rule).await.json(201);
    let raw = send(&world, &tenant, "/beta/$batch", &batch);
    assert!(raw.bytes.starts_with("HTTP/1.1 200 OK\r\n"), "{}", raw.bytes);
    assert_eq!(tenant.scripts().await, ["a", "a"]);
}
