//! How much a connection may send and how long its client may take: every limit of HTTP itself.

use std::time::Duration;

use strict_http1::{Limits, Settings, Timeouts};

pub use crate::message::MAX_TARGET;

/// The largest request body, in bytes.
pub const MAX_BODY: usize = 4 * 1024 * 1024;
/// The largest part of a body that is received before the token is checked, in bytes.
pub const MAX_UNAUTHENTICATED_BODY: usize = 64 * 1024;
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
/// How many connections of the metrics are open at once; more wait. Scrapers are few.
pub const MAX_METRICS_CONNECTIONS: usize = 16;
/// How long a request waits for a server that is starting: as long as for a database that is away.
pub(super) const SERVICE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long requests that are under way may take once the server is told to stop, in seconds.
pub(super) const SHUTDOWN_TIMEOUT: u64 = 15;

/// The headers of a refused request without which the client could not read its reply or find it
/// in a log.
const KEPT_HEADERS: &[&str] = &["client-request-id", "origin"];

/// The limits of each connection.
pub(super) fn settings(timeouts: Timeouts) -> Settings {
    let limits = Limits {
        body: MAX_BODY,
        target: MAX_TARGET,
        header_section: MAX_HEADER_SECTION,
        headers: MAX_HEADERS,
        header_name: MAX_NAME,
        chunk_metadata: MAX_CHUNK_EXTRAS,
    };
    Settings { limits, timeouts, kept_headers: KEPT_HEADERS }
}
