//! Sends bytes to a server and reads its replies. Unlike an HTTP client it checks neither.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest time for a reply: longer than every timeout of the server.
const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// A connection that is opened again after the server closed it.
pub(super) struct Connection {
    address: String,
    stream: Option<TcpStream>,
}

impl Connection {
    pub(super) fn new(address: &str) -> Self {
        Self { address: address.into(), stream: None }
    }

    /// Sends a request and reads its reply. Returns `None` if there is no reply.
    pub(super) async fn send(&mut self, request: &[u8], is_head: bool) -> Option<Answer> {
        let was_open = self.stream.is_some();
        match self.attempt(request, is_head).await {
            Some(answer) => Some(answer),
            // The server may have closed the idle connection.
            None if was_open => self.attempt(request, is_head).await,
            None => None,
        }
    }

    async fn attempt(&mut self, request: &[u8], is_head: bool) -> Option<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.address).await.ok()?,
        };
        let exchange = async {
            // A server that replies early need not read the rest of the request.
            let (mut reading, mut writing) = stream.split();
            let (_, answer) = tokio::join!(writing.write_all(request), read(&mut reading, is_head));
            answer
        };
        let answer = tokio::time::timeout(TIMEOUT, exchange).await.ok().flatten()?;
        if answer.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Some(answer)
    }
}

/// Sends bytes in pieces, closes the sending side, and reads until the server closes the connection.
/// Returns `None` if the server does not close it.
pub(super) async fn exchange(address: &str, pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let (mut reading, mut writing) = stream.split();
    let mut received = Vec::new();
    let write = async {
        for piece in pieces {
            if writing.write_all(piece).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        writing.shutdown().await.ok();
    };
    // A connection reset by the server is closed too.
    let all = async { tokio::join!(write, reading.read_to_end(&mut received)).1.ok() };
    tokio::time::timeout(TIMEOUT, all).await.ok()?;
    Some(received)
}

async fn read(stream: &mut (impl AsyncReadExt + Unpin), is_head: bool) -> Option<Answer> {
    let mut received = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end;
            }
            if stream.read_buf(&mut received).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&received[..end]).into_owned();
        received.drain(..end + 4);
        let mut answer = parse(&head)?;
        if answer.status == 100 {
            continue;
        }
        let length = answer.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
        let length = if is_head || answer.status == 304 { 0 } else { length };
        while received.len() < length {
            if stream.read_buf(&mut received).await.ok()? == 0 {
                return None;
            }
        }
        answer.body = received;
        return Some(answer);
    }
}

fn parse(head: &str) -> Option<Answer> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers = lines.map(header).collect::<Option<_>>()?;
    Some(Answer { status, headers, body: Vec::new() })
}
