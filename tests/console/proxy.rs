//! A proxy in front of the server that answers some requests itself, as a server that is busy, away or
//! strict. Each connection has one request. Knows no page.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to requests of the API. Files of the console are always passed on.
#[derive(Clone, Copy)]
pub(crate) enum Conduct {
    Pass,
    /// The connection is closed without a reply.
    Away,
    /// A status with the header Retry-After in seconds.
    Refuse {
        status: u16,
        retry_after: u32,
    },
    /// A reply that the server never gives: status, media type and body.
    Answer {
        status: u16,
        kind: &'static str,
        body: &'static str,
    },
    /// 429 for the requests whose path contains a text.
    Throttle {
        part: &'static str,
        retry_after: u32,
    },
}

/// See the [module](self). The proxy ends with the runtime.
pub(crate) struct Proxy {
    /// The base URL.
    pub(crate) base: String,
    conduct: Arc<Mutex<Conduct>>,
}

impl Proxy {
    /// A proxy of the server at a base URL.
    pub(crate) async fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let conduct = Arc::new(Mutex::new(Conduct::Pass));
        let (server, shared) = (server.trim_start_matches("http://").to_owned(), conduct.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, conduct) = (server.clone(), shared.clone());
                // A browser may close a connection at any time.
                tokio::spawn(async move { serve(client, &server, &conduct).await.ok() });
            }
        });
        Self { base, conduct }
    }

    pub(crate) fn conduct(&self, conduct: Conduct) {
        *self.conduct.lock().unwrap() = conduct;
    }
}

async fn serve(
    mut client: TcpStream,
    server: &str,
    conduct: &Mutex<Conduct>,
) -> std::io::Result<()> {
    let (head, body) = read(&mut client).await?;
    let path = head.split(' ').nth(1).unwrap_or_default();
    let conduct = match *conduct.lock().unwrap() {
        _ if !path.starts_with("/beta") => Conduct::Pass,
        Conduct::Throttle { part, retry_after } if path.contains(part) => {
            Conduct::Refuse { status: 429, retry_after }
        }
        Conduct::Throttle { .. } => Conduct::Pass,
        other => other,
    };
    match conduct {
        Conduct::Away => Ok(()),
        Conduct::Refuse { status, retry_after } => {
            let text = r#"{"error":{"code":"TooManyRequests","message":"Wait."}}"#;
            let waits = format!("{status} Wait\r\nRetry-After: {retry_after}");
            answer(&mut client, &waits, "application/json", text).await
        }
        Conduct::Answer { status, kind, body } => {
            answer(&mut client, &format!("{status} Answer"), kind, body).await
        }
        Conduct::Pass | Conduct::Throttle { .. } => {
            let mut upstream = TcpStream::connect(server).await?;
            let mut lines: Vec<&str> = head.trim_end().split("\r\n").collect();
            lines.retain(|line| !line.to_ascii_lowercase().starts_with("connection:"));
            let head = format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"));
            upstream.write_all(head.as_bytes()).await?;
            upstream.write_all(&body).await?;
            tokio::io::copy(&mut upstream, &mut client).await?;
            client.shutdown().await
        }
    }
}

/// Sends a reply, whose status line may be followed by headers.
async fn answer(
    client: &mut TcpStream,
    status: &str,
    kind: &str,
    body: &str,
) -> std::io::Result<()> {
    let length = body.len();
    let reply = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    client.write_all(reply.as_bytes()).await
}

/// The head of a request as text, and its body.
async fn read(client: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if client.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    };
    let mut body = bytes.split_off(end);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head
        .to_ascii_lowercase()
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
    while body.len() < length {
        if client.read_buf(&mut body).await? == 0 {
            break;
        }
    }
    Ok((head, body))
}
