//! How a client asks and writes: the text of paths, options, headers and bodies → syntax.
//! Knows no model: whether a name means anything, `plan` finds out.

mod date_time;
mod json;
mod media_type;
mod options;
mod path;

pub use date_time::DateTimeOffset;
pub use json::{Json, MAX_DEPTH};
pub use media_type::{MetadataLevel, accepted_format, check_json_body};
pub use options::{MAX_TOP, Options};
pub use path::{Path, Segment};

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::error::{Error, Result};

/// Percent-decodes a piece of a URL; what is not UTF-8 afterwards is refused.
fn decode<'a>(text: &'a str, what: &str) -> Result<Cow<'a, str>> {
    let broken = text.split('%').skip(1).any(|rest| !starts_with_two_hex_digits(rest));
    if broken {
        return Err(Error::BadRequest(format!("{what} has a '%' that begins no escape.")));
    }
    percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| Error::BadRequest(format!("{what} is not UTF-8 once it is percent-decoded.")))
}

fn starts_with_two_hex_digits(text: &str) -> bool {
    text.len() >= 2 && text.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
}
