//! A request in parts, so that single parts of it can be mutated.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that are not percent-encoded in the value of a query option.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b'$')
    .remove(b'/');

#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: String,
    /// The path, percent-encoded.
    pub(super) path: String,
    /// Names and values of the query, percent-encoded.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    /// Whether the request is correct and must succeed.
    pub(super) succeeds: bool,
}

impl Call {
    pub(super) fn new(method: &str, path: String) -> Self {
        let (query, headers, body) = (Vec::new(), Vec::new(), Vec::new());
        Self { method: method.into(), path, query, headers, body, succeeds: false }
    }

    /// A call with a JSON body.
    pub(super) fn with_body(method: &str, path: String, body: &serde_json::Value) -> Self {
        let mut call = Self::new(method, path);
        call.header("Content-Type", "application/json");
        call.body = body.to_string().into_bytes();
        call
    }

    pub(super) fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.as_bytes().to_vec()));
    }

    pub(super) fn option(&mut self, name: &str, value: &str) {
        self.query.push((name.into(), in_query(value)));
    }

    /// Path and query.
    pub(super) fn target(&self) -> String {
        let options = self.query.iter().map(|(name, value)| format!("{name}={value}"));
        match options.collect::<Vec<_>>().join("&") {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// The request as HTTP/1.1.
    pub(super) fn bytes(&self, host: &str, token: &str) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.target());
        bytes.push_str(&format!("Authorization: Bearer {token}\r\n"));
        bytes.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        let mut bytes = bytes.into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// A shell command that sends the same request with the token in `$TOKEN`.
impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes("127.0.0.1", "\u{1}");
        let escaped = bytes.escape_ascii().to_string();
        let escaped = escaped.replace('\'', "\\x27").replace("\\x01", "'\"$TOKEN\"'");
        write!(formatter, "printf %b '{escaped}' | nc -q 2 127.0.0.1 8080")
    }
}

/// A text, percent-encoded for a query.
pub(super) fn in_query(text: &str) -> String {
    utf8_percent_encode(text, IN_QUERY).to_string()
}

/// A text, percent-encoded for a path.
pub(super) fn in_path(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
