//! A connection to a server that speaks HTTP/1.1, with or without TLS. It is opened again after an
//! error; it knows no tokens, no retries and no Graph.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may take to answer.
const REPLY_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest body of a reply, in bytes. A page of 1,000 run states is smaller.
const MAX_REPLY: usize = 64 * 1024 * 1024;

/// An error of a connection: a text for the user.
pub(super) type ConnectionError = Box<dyn std::error::Error + Send + Sync>;

/// Where a server is.
pub(super) struct Target {
    host: String,
    port: u16,
    /// The value of the header `Host`.
    authority: HeaderValue,
    /// The path before that of each request.
    pub(super) prefix: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// A connection, which is open after the first request.
pub(super) struct Connection {
    target: Arc<Target>,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// A reply.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Target {
    /// The server at a URL such as `https://localhost:8443`.
    pub(super) fn parse(url: &str, tls: &Arc<ClientConfig>) -> Result<Self, ConnectionError> {
        let parsed = Url::parse(url).map_err(|error| format!("{url} is not a URL: {error}"))?;
        let (Some(host), Some(port)) = (parsed.host_str(), parsed.port_or_known_default()) else {
            return Err(format!("{url} has no host").into());
        };
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let tls = match parsed.scheme() {
            "http" => None,
            "https" => {
                let name = ServerName::try_from(name.to_owned())?;
                Some((TlsConnector::from(Arc::clone(tls)), name))
            }
            other => return Err(format!("{url} is neither http nor https but {other}").into()),
        };
        let authority = match parsed.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let authority = HeaderValue::try_from(authority)?;
        let prefix = parsed.path().trim_end_matches('/').to_owned();
        Ok(Self { host: name.to_owned(), port, authority, prefix, tls })
    }
}

impl Connection {
    pub(super) fn new(target: &Arc<Target>) -> Self {
        Self { target: Arc::clone(target), sender: None }
    }

    /// Sends a request and reads the whole reply. After an error the next request opens a new
    /// connection.
    pub(super) async fn exchange(
        &mut self,
        method: &str,
        path: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Reply, ConnectionError> {
        let path = format!("{}{path}", self.target.prefix);
        let uri = Uri::from(PathAndQuery::try_from(path)?);
        let mut request = Request::builder().method(method).uri(uri).body(Full::new(body))?;
        headers.insert(HOST, self.target.authority.clone());
        *request.headers_mut() = headers;
        let mut sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => timeout(CONNECT_TIMEOUT, self.target.open())
                .await
                .map_err(|_| format!("no connection within {} s", CONNECT_TIMEOUT.as_secs()))??,
        };
        let reply = timeout(REPLY_TIMEOUT, async {
            sender.ready().await?;
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = Limited::new(body, MAX_REPLY).collect().await?.to_bytes();
            Ok::<_, ConnectionError>(Reply {
                status: head.status.as_u16(),
                headers: head.headers,
                body,
            })
        });
        let reply =
            reply.await.map_err(|_| format!("no reply within {} s", REPLY_TIMEOUT.as_secs()))??;
        self.sender = Some(sender);
        Ok(reply)
    }
}

impl Target {
    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, ConnectionError> {
        let socket = TcpStream::connect((self.host.as_str(), self.port)).await?;
        socket.set_nodelay(true)?;
        match &self.tls {
            None => handshake(socket).await,
            Some((connector, name)) => {
                handshake(connector.connect(name.clone(), socket).await?).await
            }
        }
    }
}

/// Starts HTTP on a stream. The task that moves its bytes ends with the connection.
async fn handshake<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, ConnectionError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Its errors are those of the request that is under way.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}
