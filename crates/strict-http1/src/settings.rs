//! What one connection may send and how long it may take: every limit of size and of time.

use std::time::Duration;

/// What a [`StrictStream`](crate::StrictStream) needs to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// The limits of size.
    pub limits: Limits,
    /// The limits of time.
    pub timeouts: Timeouts,
    /// The names of the headers that a request keeps when its head is refused, such as `origin`:
    /// those that the reply depends on. All other headers are removed.
    pub kept_headers: &'static [&'static str],
}

/// The limits of size, in bytes except for [`headers`](Self::headers).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The request body, without the framing of its chunks.
    pub body: usize,
    /// The request target: path and query.
    pub target: usize,
    /// All headers together.
    pub header_section: usize,
    /// The number of headers. At most [`MAX_HEADERS`](Self::MAX_HEADERS); more counts as that.
    pub headers: usize,
    /// The name of a header.
    pub header_name: usize,
    /// The extensions and trailers of a chunked body together.
    pub chunk_metadata: usize,
}

impl Limits {
    /// The highest value of [`headers`](Self::headers): the parser has no room for more.
    pub const MAX_HEADERS: usize = 256;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 4 * 1024 * 1024,
            target: 8 * 1024,
            header_section: 32 * 1024,
            headers: 64,
            header_name: 256,
            chunk_metadata: 16 * 1024,
        }
    }
}

/// How long a client may take before its connection ends.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the whole head of a request, from its first byte on; on a new connection also for the
    /// first byte.
    pub head: Duration,
    /// For the whole body of a request.
    pub body: Duration,
    /// How long a reply may wait for a client that does not take it. The client gets time back
    /// while it takes the reply, a second for each [`reply_rate`](Self::reply_rate) bytes. The time
    /// in which the server itself has nothing to send does not count.
    pub reply: Duration,
    /// How fast a client must take a reply, in bytes a second; at least 1.
    pub reply_rate: u32,
    /// Between two requests. Choose more than the proxies in front of the server wait, so that the
    /// proxies close idle connections.
    pub idle: Duration,
    /// At the end of a connection: for the client to read its last reply before unread bytes reset
    /// the connection.
    pub linger: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            reply: Duration::from_secs(30),
            reply_rate: 16 * 1024,
            idle: Duration::from_secs(75),
            linger: Duration::from_secs(2),
        }
    }
}
