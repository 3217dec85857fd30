//! Whether the head of a request is exactly what RFC 9112 says, and how the request is received.
//!
//! It reads with the parser that actix and hyper use, so that they cannot disagree with it about
//! what they see. What that parser lets pass and no server should is refused here.

use std::mem::MaybeUninit;
use std::ops::Range;

use bytes::BytesMut;
use httparse::{Error as ParseError, Request, Status};

use super::fields::{Fields, Head};
use super::host::is_authority;
use crate::refusal::{HeadersTooLarge, Malformed, Refusal, Result, malformed};
use crate::settings::{Limits, Settings};

/// Checks a head or its beginning: `None` where nothing is wrong so far.
///
/// # Errors
/// What is wrong.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<Option<Head>> {
    match parse(bytes, limits.headers, |request| read(request, limits)) {
        Ok(head) => head.transpose(),
        Err(error) => Err(unparsable(error, limits)),
    }
}

/// The head that the HTTP server reads in the place of a refused one: `GET /` or `HEAD /`, with the
/// headers that the reply needs.
pub(crate) fn replacement(refused: &[u8], settings: &Settings) -> BytesMut {
    let kept = settings.kept_headers;
    let is_kept = |name: &str| kept.iter().any(|kept| name.eq_ignore_ascii_case(kept));
    let lines = |request: &Request<'_, '_>| {
        let headers = request.headers.iter().filter(|header| is_kept(header.name));
        headers.flat_map(|it| [it.name.as_bytes(), b": ", it.value, b"\r\n"].concat()).collect()
    };
    let parsed = parse(refused, settings.limits.headers, lines);
    let kept: Vec<u8> = parsed.ok().flatten().unwrap_or_default();
    let method: &[u8] = if refused.starts_with(b"HEAD ") { b"HEAD" } else { b"GET" };
    let (line, end) = (b" / HTTP/1.1\r\nHost: refused\r\n", b"Connection: close\r\n\r\n");
    BytesMut::from_iter([method, line, &kept, end].concat())
}

/// Overwrites `Upgrade`, so that the request is answered as if it did not ask for another protocol.
/// An HTTP server would take all that follows for that protocol's.
pub(super) fn remove_upgrade(bytes: &mut [u8]) {
    let places =
        parse(bytes, Limits::MAX_HEADERS, |request| upgrades(request, bytes.as_ptr().addr()));
    for place in places.ok().flatten().unwrap_or_default() {
        bytes[place].copy_from_slice(b"ignored");
    }
}

/// Where the word `upgrade` asks for another protocol, in a head that starts at an address.
fn upgrades(request: &Request<'_, '_>, start: usize) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for header in &*request.headers {
        let is_connection = header.name.eq_ignore_ascii_case("connection");
        let options = header.value.split(|byte| *byte == b',').filter(|_| is_connection);
        let words = options.map(<[u8]>::trim_ascii).chain([header.name.as_bytes()]);
        for word in words.filter(|word| word.eq_ignore_ascii_case(b"upgrade")) {
            let at = word.as_ptr().addr() - start;
            places.push(at..at + word.len());
        }
    }
    places
}

/// What `then` makes of a whole head of at most so many headers; `None` where it is not whole yet.
fn parse<T>(
    bytes: &[u8],
    max_headers: usize,
    then: impl FnOnce(&Request<'_, '_>) -> T,
) -> std::result::Result<Option<T>, ParseError> {
    let mut slots = [const { MaybeUninit::uninit() }; Limits::MAX_HEADERS];
    let slots = &mut slots[..max_headers.min(Limits::MAX_HEADERS)];
    let mut request = Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, slots)? {
        Status::Complete(_) => Ok(Some(then(&request))),
        Status::Partial => Ok(None),
    }
}

fn read(request: &Request<'_, '_>, limits: &Limits) -> Result<Head> {
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    let is_1_1 = request.version == Some(1);
    let host = target_host(method, target, limits)?;
    let mut fields = Fields::default();
    for header in &*request.headers {
        fields.read(header.name, header.value, is_1_1, limits)?;
    }
    if fields.host.is_none() && is_1_1 {
        return malformed(Malformed::MissingHost);
    }
    if let (Some(target), Some(header)) = (host, fields.host)
        && !target.as_bytes().eq_ignore_ascii_case(header)
    {
        return malformed(Malformed::OtherHost);
    }
    if method == "POST" && !is_1_1 && fields.length.is_none() {
        return malformed(Malformed::MissingLength);
    }
    fields.head(is_1_1)
}

/// The host in an absolute target. A target is else a path, or `*` with `OPTIONS`.
fn target_host<'a>(method: &str, target: &'a str, limits: &Limits) -> Result<Option<&'a str>> {
    if !method.bytes().all(is_method_byte) {
        return malformed(Malformed::RequestLine);
    }
    if method == "CONNECT" {
        return malformed(Malformed::Connect);
    }
    if target.len() > limits.target {
        return Err(Refusal::TargetTooLong { limit: limits.target });
    }
    let must_be_encoded = |byte: u8| !byte.is_ascii_graphic() || b"\"#<>\\`".contains(&byte);
    if let Some(byte) = target.bytes().find(|byte| must_be_encoded(*byte)) {
        return malformed(Malformed::TargetByte(byte));
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
        _ => malformed(Malformed::Target),
    }
}

/// Whether a byte may stand in a method. RFC 9110 §9.1 allows `#$%&'` as well; version 0.2 of the
/// `http` crate, and with it actix, does not.
fn is_method_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!*+-.^_`|~".contains(&byte)
}

fn unparsable(error: ParseError, limits: &Limits) -> Refusal {
    let how = match error {
        ParseError::TooManyHeaders => {
            let limit = limits.headers.min(Limits::MAX_HEADERS);
            return HeadersTooLarge::Count { limit }.into();
        }
        ParseError::HeaderName => Malformed::HeaderName,
        ParseError::HeaderValue => Malformed::HeaderValue,
        ParseError::NewLine => Malformed::LineEnding,
        ParseError::Version => Malformed::Version,
        ParseError::Status | ParseError::Token => Malformed::RequestLine,
    };
    how.into()
}
