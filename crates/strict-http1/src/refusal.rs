//! Why a request is refused: every reason, with the facts that a reply needs and a sentence for the
//! client. Statuses and the form of the reply are the service's to choose.

use thiserror::Error;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The request is not HTTP/1, or has more than one reading. Usually status 400.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The client did not send the rest of the request in time. Usually status 408.
    #[error("The request did not arrive in time.")]
    Timeout,
    /// The body is too large. Usually status 413.
    #[error("The request body is larger than the limit of {limit} bytes.")]
    BodyTooLarge {
        /// The largest body, in bytes.
        limit: usize,
    },
    /// The request target is too long. Usually status 414.
    #[error("The URL is longer than the limit of {limit} bytes.")]
    TargetTooLong {
        /// The longest target, in bytes.
        limit: usize,
    },
    /// The `Expect` header is not `100-continue`. Usually status 417.
    #[error("Only '100-continue' can be expected.")]
    UnknownExpectation,
    /// Headers or trailers are too many or too long. Usually status 431.
    #[error(transparent)]
    HeadersTooLarge(#[from] HeadersTooLarge),
}

/// How a request is not HTTP/1, or has more than one reading.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Bytes that no request line has, or a method that the `http` crate does not know as one.
    #[error("The request line is not a method, a target and a version.")]
    RequestLine,
    /// Another version than 1.0 and 1.1.
    #[error("The request is not one of HTTP/1.1 or HTTP/1.0.")]
    Version,
    /// More empty lines before the request line than RFC 9112 §2.2 asks a server to ignore.
    #[error("There are too many empty lines before the request.")]
    EmptyLines,
    /// A line of the head that ends with a line feed or a carriage return alone.
    #[error("A line of the request's head does not end with CR LF.")]
    LineEnding,
    /// The name of a header is not a token.
    #[error("The name of a header has a character that no name has.")]
    HeaderName,
    /// The value of a header contains a control character.
    #[error("The value of a header has a control character.")]
    HeaderValue,
    /// The method `CONNECT`.
    #[error("CONNECT is for proxies, which this server is not.")]
    Connect,
    /// The target contains a byte that a URL must encode.
    #[error("The URL has a character that must be percent-encoded: '{}'.", char::from(*.0).escape_default())]
    TargetByte(
        /// The first such byte.
        u8,
    ),
    /// The target is neither a path, nor a URL of `http` or `https`, nor `*` with `OPTIONS`.
    #[error("The request target is neither a path nor a URL.")]
    Target,
    /// A request in HTTP/1.1 has no `Host`.
    #[error("The Host header is missing.")]
    MissingHost,
    /// Two `Host` headers, or one whose value is not a host.
    #[error("The Host header is not one host.")]
    Host,
    /// The target is a URL of another host than the `Host` header.
    #[error("The Host header is not the host of the URL.")]
    OtherHost,
    /// Two `Content-Length` headers, or one whose value is not a number.
    #[error("The Content-Length header is not one number.")]
    ContentLength,
    /// `Transfer-Encoding` in HTTP/1.0, or another value than `chunked`.
    #[error("The Transfer-Encoding is not 'chunked', in HTTP/1.1.")]
    TransferEncoding,
    /// `Content-Length` and `Transfer-Encoding` in one request.
    #[error("Content-Length and Transfer-Encoding exclude each other.")]
    TwoFramings,
    /// A `POST` in HTTP/1.0 without `Content-Length`: where its body ends is unknown.
    #[error("A POST in HTTP/1.0 needs a Content-Length.")]
    MissingLength,
    /// The line before a chunk is not its size.
    #[error(
        "The body's chunks are malformed: the size of one is not hexadecimal digits and CR LF."
    )]
    ChunkSize,
    /// A chunk is longer or shorter than its size.
    #[error("The body's chunks are malformed: one is not followed by CR LF.")]
    ChunkEnd,
    /// A trailer is not a name and a value.
    #[error("The body's trailers are malformed.")]
    Trailer,
    /// The client sent the end of the stream within a request.
    #[error("The request ended before it was whole.")]
    Incomplete,
}

/// Which limit of headers or trailers a request exceeds.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeadersTooLarge {
    /// Too many headers.
    #[error("The request has more headers than the limit of {limit}.")]
    Count {
        /// The highest number of headers.
        limit: usize,
    },
    /// The name of a header is too long.
    #[error("The name of a header is longer than the limit of {limit} bytes.")]
    Name {
        /// The longest name, in bytes.
        limit: usize,
    },
    /// The headers together are too long.
    #[error("The headers are longer than the limit of {limit} bytes.")]
    Section {
        /// The longest header section, in bytes.
        limit: usize,
    },
    /// The extensions and trailers of a chunked body are too long.
    #[error("The chunk extensions and trailers are longer than the limit of {limit} bytes.")]
    ChunkMetadata {
        /// The most bytes of extensions and trailers together.
        limit: usize,
    },
}

pub(crate) type Result<T> = std::result::Result<T, Refusal>;

/// The `Err` of a malformed request.
pub(crate) fn malformed<T>(how: Malformed) -> Result<T> {
    Err(Refusal::Malformed(how))
}
