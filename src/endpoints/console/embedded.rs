//! The files of the console with their types, tags and compressed forms: in the program for a release,
//! in the folder `console` for a debug build, so that a changed file shows on reload. Knows no request.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;
use std::{fs, io};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The types of the files that are served. Others, such as the table of vendored files, are not.
const TYPES: [(&str, &str); 4] = [
    ("html", "text/html; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
];

/// The folder of a debug build.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/console");

/// The files of a release: names and bytes.
static EMBEDDED: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// The embedded files, each read and compressed once.
static FILES: LazyLock<BTreeMap<&str, File>> = LazyLock::new(|| {
    let files = EMBEDDED.iter();
    files
        .filter_map(|(name, bytes)| Some((*name, File::new(name, Bytes::from_static(bytes))?)))
        .collect()
});

/// A file.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) content_type: &'static str,
    /// The SHA-256 of the bytes, in hexadecimal.
    pub(super) tag: String,
    pub(super) bytes: Bytes,
    /// The bytes as gzip.
    pub(super) compressed: Bytes,
}

/// The file of this name, such as `views/scripts.mjs`.
pub(super) fn file(name: &str) -> Option<File> {
    if !cfg!(debug_assertions) || !EMBEDDED.is_empty() {
        return FILES.get(name).cloned();
    }
    // A name with other characters could lead out of the folder.
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let mut parts = name.split(['/', '.']);
    let is_name = parts.all(|part| !part.is_empty() && part.bytes().all(is_plain));
    let bytes = is_name.then(|| fs::read(Path::new(FOLDER).join(name)).ok())??;
    File::new(name, bytes.into())
}

impl File {
    /// `None` if files of this type are not served.
    fn new(name: &str, bytes: Bytes) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        let (_, content_type) = TYPES.iter().find(|(own, _)| *own == extension)?;
        let hash = digest(&SHA256, &bytes);
        let tag = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let compressed = compress(&bytes).ok()?.into();
        Some(Self { content_type, tag, bytes, compressed })
    }
}

fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_no_file_outside_of_the_console() {
        assert!(file("index.html").is_some());
        for name in [
            "../Cargo.toml",
            "vendor/../../src/lib.rs",
            "/etc/passwd",
            "",
            ".",
            "vendor",
            "vendor//preact.mjs",
        ] {
            assert!(file(name).is_none(), "{name}");
        }
    }

    #[test]
    fn files_of_other_types_are_not_served() {
        assert!(file("vendor/versions.json").is_none());
    }
}
