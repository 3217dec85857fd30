//! What is wrong with a URL before its options are read: its encoding, or its path.

use super::option_name;

/// What is wrong with a URL.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UrlReason {
    #[error("{part} has a '%' that does not begin an escape sequence.")]
    Escape { part: UrlPart },
    #[error("{part} is not UTF-8 after percent-decoding.")]
    NotUtf8 { part: UrlPart },
    #[error("The path has more than {limit} segments.")]
    TooManySegments { limit: usize },
    #[error("The key in the segment '{segment}' is not one string in single quotes.")]
    Key { segment: String },
    #[error("The property '{property}' is not one primitive value: read it without '/$value'.")]
    NoRawValue { property: &'static str },
    #[error(
        "The segment '{segment}' is a type cast, but what is before it can only be cast to '{of}'."
    )]
    Cast { segment: String, of: String },
    #[error("No method match route template")]
    NoRoute,
    #[error("Below '/{root}' there are only these paths: {paths}.")]
    PolicyPath { root: &'static str, paths: &'static str },
    #[error("Invalid version: '{found}'. It must be '{expected}'.")]
    Version { found: String, expected: &'static str },
}

/// A part of a URL that is percent-decoded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UrlPart {
    #[error("The path")]
    Path,
    #[error("The name of a query option")]
    OptionName,
    #[error("The value of {}", option_name(name))]
    OptionValue { name: String },
}
