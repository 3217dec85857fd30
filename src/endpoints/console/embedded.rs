//! The files of the console with their types: in the program for a release, in the folder `console`
//! for a debug build, so that a changed file shows on reload. Knows no request.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::LazyLock;

use bytes::Bytes;
use flate2::read::GzDecoder;

use crate::endpoints::representation::Representation;

/// The types of the files that are served. Others, such as the table of vendored files, are not.
const TYPES: [(&str, &str); 4] = [
    ("html", "text/html; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
];

/// The folder of a debug build.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/console");

/// The files of a release: names, and bytes as gzip.
static EMBEDDED: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// The style sheets as one file, so that a page needs one request for them.
const STYLE: &str = "style.css";
/// The style sheets, in their order.
const STYLES: [&str; 7] = [
    "style/tokens.css",
    "style/frame.css",
    "style/parts.css",
    "style/script.css",
    "style/story.css",
    "style/query.css",
    "style/twin.css",
];

/// The embedded files, each read and compressed once.
static FILES: LazyLock<BTreeMap<&str, Representation>> = LazyLock::new(|| {
    let names = EMBEDDED.iter().map(|(name, _)| *name).chain([STYLE]);
    names.filter_map(|name| Some((name, read(name)?))).collect()
});

/// The file of this name, such as `views/scripts.mjs`.
pub(super) fn file(name: &str) -> Option<Representation> {
    if is_embedded() { FILES.get(name).cloned() } else { read(name) }
}

/// `None` if there is no such file, or files of its type are not served.
fn read(name: &str) -> Option<Representation> {
    let (_, extension) = name.rsplit_once('.')?;
    let (_, content_type) = TYPES.iter().find(|(own, _)| *own == extension)?;
    Some(Representation::new(content_type, bytes(name)?))
}

fn is_embedded() -> bool {
    !cfg!(debug_assertions) || !EMBEDDED.is_empty()
}

/// The bytes of a file.
fn bytes(name: &str) -> Option<Bytes> {
    if name == STYLE {
        let sheets: Option<Vec<Bytes>> = STYLES.iter().map(|name| bytes(name)).collect();
        return Some(sheets?.concat().into());
    }
    if is_embedded() {
        let (_, compressed) = EMBEDDED.iter().find(|(own, _)| *own == name)?;
        return Some(decompressed(compressed));
    }
    // A name with other characters could lead out of the folder.
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let mut parts = name.split(['/', '.']);
    let is_name = parts.all(|part| !part.is_empty() && part.bytes().all(is_plain));
    is_name.then(|| fs::read(Path::new(FOLDER).join(name)).ok())?.map(Bytes::from)
}

#[expect(clippy::expect_used, reason = "build.rs has compressed the bytes")]
fn decompressed(compressed: &[u8]) -> Bytes {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        GzDecoder::new(compressed).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().expect("the bytes are gzip").into()
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
    fn each_style_sheet_is_in_the_one_that_the_page_loads() {
        let mut sheets: Vec<String> = fs::read_dir(Path::new(FOLDER).join("style"))
            .unwrap()
            .map(|entry| format!("style/{}", entry.unwrap().file_name().to_str().unwrap()))
            .collect();
        sheets.sort();
        let mut listed = STYLES.to_vec();
        listed.sort_unstable();
        assert_eq!(sheets, listed);
        let whole = bytes(STYLE).unwrap();
        let length: usize = STYLES.iter().map(|name| bytes(name).unwrap().len()).sum();
        assert_eq!(whole.len(), length);
    }

    #[test]
    fn files_of_other_types_are_not_served() {
        assert!(file("vendor/versions.json").is_none());
    }
}
