//! How a client asks and writes: the text of paths, options, headers and bodies → syntax.
//! Knows no model: whether a name means anything, `plan` finds out.

mod date_time;
mod duration;
mod idempotency_key;
mod json;
mod media_type;
mod path;
mod preference;

mod options;

mod expand;
mod filter;
mod order_by;

mod expression;
mod literal;
mod operator;

mod lexer;
mod parser;
mod source;

#[cfg(test)]
mod round_trip;
#[cfg(test)]
pub(crate) mod testing;

pub use date_time::DateTimeOffset;
pub use duration::Duration;
pub use expand::{ExpandItem, MAX_EXPAND_DEPTH, MAX_EXPAND_ITEMS};
pub use expression::{
    Arithmetic, Comparison, Expression, ExpressionKind, List, ListItem, MAX_HEIGHT, Name,
    Predicate, PropertyPath,
};
pub use filter::MAX_LIST_ITEMS;
pub use idempotency_key::{MAX_KEY_LENGTH, idempotency_key};
pub use json::{Json, MAX_DEPTH};
pub use literal::Literal;
pub use media_type::{MetadataLevel, accepted_format, check_json_body, preferred_type};
pub use options::{MAX_TOP, Options};
pub use order_by::{Direction, MAX_ORDER_KEYS, OrderKey};
pub use parser::MAX_NODES;
pub use path::{Path, Segment};
pub use preference::{Preferences, Tags};
pub use source::MAX_LENGTH;

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
