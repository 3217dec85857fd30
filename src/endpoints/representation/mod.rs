//! Bytes that stay the same for as long as the program runs, such as a file or a description of the
//! API: with a tag, and compressed ahead of the first request. Knows no path.

mod encoding;

use std::io::{self, Write};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::message::{Body, Headers, Response};

/// Bytes in the two forms in which they are sent.
#[derive(Clone, Debug)]
pub(super) struct Representation {
    content_type: &'static str,
    /// The SHA-256 of the bytes, in hexadecimal.
    tag: String,
    bytes: Bytes,
    /// The bytes as gzip.
    compressed: Bytes,
}

impl Representation {
    pub(super) fn new(content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let hash = digest(&SHA256, &bytes);
        let tag = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { content_type, tag, compressed: gzip(&bytes).into(), bytes }
    }

    /// The reply: compressed if the client accepts that, and without the bytes if the client has them.
    pub(super) fn reply(&self, request: &Headers) -> Response {
        let is_compressed = encoding::accepts_gzip(request);
        // The two forms are different bytes, so they have different tags.
        let form = if is_compressed { "-gzip" } else { "" };
        let tag = format!("\"{}{form}\"", self.tag);
        let mut headers =
            vec![("ETag".into(), tag.clone()), ("Vary".into(), "Accept-Encoding".into())];
        if encoding::has_tag(request, &tag) {
            return Response { status: 304, headers, body: Body::empty() };
        }
        headers.push(("Content-Type".into(), self.content_type.into()));
        if is_compressed {
            headers.push(("Content-Encoding".into(), "gzip".into()));
        }
        let body = if is_compressed { &self.compressed } else { &self.bytes };
        Response { status: 200, headers, body: body.clone().into() }
    }
}

#[expect(clippy::expect_used, reason = "writing to memory does not fail")]
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let write = || -> io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes)?;
        encoder.finish()
    };
    write().expect("memory takes what is written to it")
}
