//! A key server on the loopback interface, with replies that a test chooses. It counts its
//! requests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A reply of the server.
#[derive(Clone)]
pub(crate) enum Answer {
    Body(String),
    /// A body after a delay.
    Slow(String, Duration),
    /// A body as soon as the test lets it go.
    Held(String, Arc<Notify>),
    Status(u16),
    Redirect(String),
    /// A body without an end.
    Endless,
    /// No reply; the connection stays open.
    Silence,
}

#[derive(Clone)]
pub(crate) struct KeyServer {
    port: u16,
    requests: Arc<AtomicUsize>,
    answers: Arc<Mutex<Vec<(String, Answer)>>>,
}

impl KeyServer {
    /// A server with this reply to `/keys`.
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            requests: Arc::default(),
            answers: Arc::default(),
        };
        server.answer("/keys", answer);
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = own.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }

    pub(crate) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Sets the reply to a path.
    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        let mut answers = self.answers.lock().unwrap();
        answers.retain(|(own, _)| own != path);
        answers.push((path.into(), answer));
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Waits until so many requests have come.
    pub(crate) async fn wait_for_requests(&self, number: usize) {
        let come = async {
            while self.requests() < number {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), come).await.expect("the requests come");
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            request.push(byte);
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
        let request = String::from_utf8(request).unwrap();
        let path = request.split(' ').nth(1).unwrap().to_owned();
        let answer = {
            let answers = self.answers.lock().unwrap();
            answers.iter().find(|(own, _)| *own == path).map(|(_, answer)| answer.clone())
        };
        match answer.unwrap_or(Answer::Status(404)) {
            Answer::Body(body) => send(&mut stream, "200 OK", "", &body).await,
            Answer::Slow(body, time) => {
                tokio::time::sleep(time).await;
                send(&mut stream, "200 OK", "", &body).await;
            }
            Answer::Held(body, released) => {
                released.notified().await;
                send(&mut stream, "200 OK", "", &body).await;
            }
            Answer::Status(status) => send(&mut stream, &format!("{status} X"), "", "").await,
            Answer::Redirect(to) => {
                send(&mut stream, "302 Found", &format!("Location: {to}\r\n"), "").await;
            }
            Answer::Endless => {
                let mut part = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                while part.is_ok() {
                    part = stream.write_all(&[b' '; 65536]).await;
                }
            }
            Answer::Silence => tokio::time::sleep(Duration::from_secs(60)).await,
        }
    }
}

async fn send(stream: &mut TcpStream, status: &str, header: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{header}\r\n{body}");
    let _gone = stream.write_all(text.as_bytes()).await;
}
