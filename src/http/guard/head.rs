//! Whether the head of a request is exactly what RFC 9112 says, and what it says of the connection.
//! Reads with the parser that actix uses, so that the two cannot disagree about what they see;
//! what that parser lets pass and no server should, is refused here.

use std::mem::MaybeUninit;
use std::ops::Range;

use actix_web::http::Method;
use bytes::BytesMut;
use httparse::{Error as Malformed, Request, Status};

use super::fields::Fields;
use super::host::is_authority;
use crate::error::{Error, Result};
use crate::http::limits::{MAX_HEADERS, MAX_TARGET};

/// The headers of a refused request without which the client could not read its reply or find it
/// in a log.
const KEPT: [&str; 2] = ["client-request-id", "origin"];

/// What a head says of its connection.
#[derive(Debug)]
pub(super) struct Head {
    /// How the body ends.
    pub(super) framing: Framing,
    /// Whether the client sends nothing after this request.
    pub(super) closes: bool,
    /// Whether it asks for another protocol.
    pub(super) upgrades: bool,
}

/// How a body ends.
#[derive(Debug, PartialEq)]
pub(super) enum Framing {
    /// After so many bytes; none where there is no body.
    Length(usize),
    /// Where the last chunk says.
    Chunked,
}

/// Judges a head, or its beginning: `None` where nothing is wrong so far.
///
/// # Errors
/// What is wrong with it.
pub(super) fn judge(bytes: &[u8]) -> Result<Option<Head>> {
    parse(bytes, read).map_err(malformed)?.transpose()
}

/// The head that actix reads instead of a refused one: of that it has what the reply needs.
pub(super) fn stand_in(refused: &[u8]) -> BytesMut {
    let lines = |request: &Request<'_, '_>| {
        let headers = request.headers.iter();
        let kept = headers.filter(|it| KEPT.iter().any(|name| it.name.eq_ignore_ascii_case(name)));
        kept.flat_map(|it| [it.name.as_bytes(), b": ", it.value, b"\r\n"].concat()).collect()
    };
    let kept: Vec<u8> = parse(refused, lines).ok().flatten().unwrap_or_default();
    let method: &[u8] = if refused.starts_with(b"HEAD ") { b"HEAD" } else { b"GET" };
    let (line, end) = (b" / HTTP/1.1\r\nHost: refused\r\n", b"Connection: close\r\n\r\n");
    BytesMut::from_iter([method, line, &kept, end].concat())
}

/// Overwrites what asks for another protocol: such a request is answered as if it did not ask.
/// actix would take everything that follows for that protocol's, and never come to its end.
pub(super) fn forget_upgrade(bytes: &mut [u8]) {
    let places = parse(bytes, |request| upgrades(request, bytes.as_ptr().addr()));
    for place in places.ok().flatten().unwrap_or_default() {
        bytes[place].copy_from_slice(b"ignored");
    }
}

/// Where the word `upgrade` means one, in a head that starts at an address.
fn upgrades(request: &Request<'_, '_>, start: usize) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for header in &*request.headers {
        let is_connection = header.name.eq_ignore_ascii_case("connection");
        let values = header.value.split(|byte| *byte == b',').filter(|_| is_connection);
        let words = values.map(<[u8]>::trim_ascii).chain([header.name.as_bytes()]);
        for word in words.filter(|word| word.eq_ignore_ascii_case(b"upgrade")) {
            let at = word.as_ptr().addr() - start;
            places.push(at..at + word.len());
        }
    }
    places
}

/// What `then` makes of a whole head; `None` where the head is not whole yet.
fn parse<T>(
    bytes: &[u8],
    then: impl FnOnce(&Request<'_, '_>) -> T,
) -> std::result::Result<Option<T>, Malformed> {
    let mut slots = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, &mut slots)? {
        Status::Complete(_) => Ok(Some(then(&request))),
        Status::Partial => Ok(None),
    }
}

fn read(request: &Request<'_, '_>) -> Result<Head> {
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    let is_1_1 = request.version == Some(1);
    let host = target_host(method, target)?;
    let mut fields = Fields::default();
    for header in &*request.headers {
        fields.read(header.name, header.value, is_1_1)?;
    }
    if fields.host.is_none() && is_1_1 {
        return Err(Error::BadRequest("The Host header is missing.".into()));
    }
    if let (Some(target), Some(header)) = (host, fields.host)
        && !target.as_bytes().eq_ignore_ascii_case(header)
    {
        return Err(Error::BadRequest("The Host header is not the host of the URL.".into()));
    }
    if method == "POST" && !is_1_1 && fields.length.is_none() {
        return Err(Error::BadRequest("A POST in HTTP/1.0 needs a Content-Length.".into()));
    }
    fields.head(is_1_1)
}

/// The host that an absolute target names. A target is a path, or for `OPTIONS` the server itself.
fn target_host<'a>(method: &str, target: &'a str) -> Result<Option<&'a str>> {
    if Method::from_bytes(method.as_bytes()).is_err() {
        return Err(malformed(Malformed::Token));
    }
    if method == "CONNECT" {
        return Err(Error::BadRequest("CONNECT is for proxies, which this server is not.".into()));
    }
    if target.len() > MAX_TARGET {
        return Err(Error::TargetTooLong { limit: MAX_TARGET });
    }
    let stray = |byte: u8| !byte.is_ascii_graphic() || b"\"#<>\\`".contains(&byte);
    if let Some(byte) = target.bytes().find(|byte| stray(*byte)) {
        let shown = char::from(byte).escape_default();
        return Err(Error::BadRequest(format!(
            "The URL has a character that must be percent-encoded: '{shown}'."
        )));
    }
    if target.starts_with('/') || (target == "*" && method == "OPTIONS") {
        return Ok(None);
    }
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let host = rest.map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    match host {
        Some(host) if is_authority(host.as_bytes()) => Ok(Some(host)),
        _ => Err(Error::BadRequest("The request target is neither a path nor a URL.".into())),
    }
}

fn malformed(error: Malformed) -> Error {
    let text = match error {
        Malformed::TooManyHeaders => {
            return Error::HeadersTooLarge(format!(
                "The request has more headers than the limit of {MAX_HEADERS}."
            ));
        }
        Malformed::HeaderName => "The name of a header has a character that no name has.",
        Malformed::HeaderValue => "The value of a header has a control character.",
        Malformed::NewLine => "A line of the request's head does not end with CR LF.",
        Malformed::Version => "The request is not one of HTTP/1.1 or HTTP/1.0.",
        Malformed::Status | Malformed::Token => {
            "The request line is not a method, a target and a version."
        }
    };
    Error::BadRequest(text.into())
}
