//! How much a connection may bring and how long its client may take: every limit of HTTP itself.

use std::time::Duration;

use crate::endpoints::batch;

/// The largest request body, in bytes.
pub const MAX_BODY: usize = 4 * 1024 * 1024;
/// How much of a body is received before its token is looked at, in bytes: of clients without a good
/// one no more is kept.
pub const MAX_BODY_OF_STRANGERS: usize = 64 * 1024;
/// The longest request target, in bytes: as long as one inside a batch can be.
pub const MAX_TARGET: usize = batch::MAX_URL;
/// The largest header section, in bytes. A token alone may have half of it.
pub const MAX_HEADER_SECTION: usize = 32 * 1024;
/// How many headers a request may have.
pub const MAX_HEADERS: usize = 64;
/// The longest name of a header, in bytes. (actix panics where one has 64 KiB.)
pub const MAX_NAME: usize = 256;
/// How many bytes the extensions and trailers of a chunked body may have together.
pub const MAX_CHUNK_EXTRAS: usize = 16 * 1024;
/// How many connections are open at once; more wait until one of them closes.
pub const MAX_CONNECTIONS: usize = 10_000;
/// How fast a client has to take a reply that is longer than the system buffers, in bytes a second.
pub const MIN_REPLY_RATE: u32 = 16 * 1024;
/// How long requests that are under way may take once the server is told to stop, in seconds.
pub(super) const SHUTDOWN_TIMEOUT: u64 = 15;

/// How long the server waits for a client before it ends the connection.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the whole head of a request, from its first byte on; and for the first byte at all.
    pub head: Duration,
    /// For the whole body.
    pub body: Duration,
    /// For a client that does not take its reply; each part that it takes buys it more, at
    /// [`MIN_REPLY_RATE`].
    pub reply: Duration,
    /// Between two requests. Longer than what proxies wait, so that it is they who close.
    pub idle: Duration,
    /// For a client to read why it was refused, before what it still sends is answered by a reset.
    pub linger: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            reply: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            linger: Duration::from_secs(2),
        }
    }
}
