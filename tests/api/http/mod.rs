//! How does the server handle HTTP: headers, malformed requests, slow clients, browsers?

mod bodies;
mod browsers;
mod forwarded;
mod framing;
mod headers;
mod heads;
mod methods;
mod timeouts;
mod tls;
mod versions;

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use serde_json::Value as Json;

use crate::harness::Server;

/// The longest time that a test waits for a reply.
const DEADLINE: Duration = Duration::from_secs(60);

/// A short timeout for tests, and mostly long enough for a request on a busy machine.
const SHORT: Duration = Duration::from_secs(1);

const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";

/// A connection for raw bytes.
struct Wire<S = TcpStream>(S);

/// A reply.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Wire {
    fn open(server: &Server) -> Self {
        Self::connect(server.base().strip_prefix("http://").unwrap())
    }

    fn connect(address: impl ToSocketAddrs) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        socket.set_write_timeout(Some(DEADLINE)).unwrap();
        Self(socket)
    }
}

impl<S: Read + Write> Wire<S> {
    fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.write_all(bytes.as_ref()).unwrap();
        self
    }

    /// Reads the next reply, with a body of the length in `Content-Length`.
    fn answer(&mut self) -> Answer {
        self.answer_to("GET")
    }

    /// Reads the reply to a request with this method.
    fn answer_to(&mut self, method: &str) -> Answer {
        self.read(method).unwrap()
    }

    fn read(&mut self, method: &str) -> io::Result<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).map_err(|error| {
                io::Error::other(format!("{error} after {:?}", String::from_utf8_lossy(&head)))
            })?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let mut answer = Answer { status, headers: headers.collect(), body: String::new() };
        let length = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; if method == "HEAD" { 0 } else { length }];
        self.0.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).unwrap();
        Ok(answer)
    }

    /// Asserts that the server closed the connection and sent nothing more.
    #[track_caller]
    fn ends(&mut self) {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).unwrap();
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }

    /// Asserts that the connection still serves requests.
    #[track_caller]
    fn goes_on(&mut self) {
        self.send(HEALTH);
        assert_eq!(self.answer().body, "ok");
    }

    /// Whether the connection serves a request, and was not cut off before.
    fn serves(&mut self) -> bool {
        let sent = self.0.write_all(HEALTH.as_bytes());
        sent.and_then(|()| self.read("GET")).is_ok_and(|answer| answer.body == "ok")
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(own, _)| own == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} twice: {self:?}");
        value
    }

    /// Asserts that this is exactly a Graph error with this status and code. Returns its message.
    #[track_caller]
    fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("odata-version"), Some("4.0"));
        let body: Json = serde_json::from_str(&self.body).unwrap();
        let inner = &body["error"]["innerError"];
        let message = body["error"]["message"].as_str().unwrap();
        let expected = serde_json::json!({ "error": { "code": code, "message": message,
            "innerError": { "date": inner["date"], "request-id": self.header("request-id"),
                "client-request-id": self.header("client-request-id") } } });
        assert_eq!(body, expected);
        assert_eq!(inner["date"].as_str().unwrap().len(), 19);
        message.to_owned()
    }
}

/// A connection that has served so many requests. A slow machine may reach a short timeout of the server
/// before; then it opens another one.
fn used<S: Read + Write>(times: usize, open: impl Fn() -> io::Result<Wire<S>>) -> Wire<S> {
    for _ in 0..20 {
        if let Ok(mut wire) = open()
            && (0..times).all(|_| wire.serves())
        {
            return wire;
        }
    }
    panic!("no connection serves a request within {SHORT:?}");
}

/// Asserts that a request gets a Graph error with this message, and that the connection is closed.
#[track_caller]
fn is_refused(server: &Server, request: &[u8], status: u16, code: &str, message: &str) {
    let mut wire = Wire::open(server);
    let answer = wire.send(request).answer();
    let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
    assert_eq!(
        (answer.status, &*answer.refused(answer.status, code)),
        (status, message),
        "{shown}"
    );
    assert_eq!(answer.header("connection"), Some("close"), "{shown}");
    wire.ends();
}
