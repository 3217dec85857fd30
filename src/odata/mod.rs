//! The syntax of OData: text of paths, query options and JSON bodies → syntax trees. Knows neither
//! the model nor HTTP: `plan` decides whether a name means anything.

mod expression;
mod json;
mod metadata_level;
mod options;
mod path;
mod value;

pub use expression::{
    Arithmetic, Comparison, Expression, ExpressionKind, List, ListItem, Literal, MAX_HEIGHT,
    MAX_LENGTH, MAX_LIST_ITEMS, MAX_NODES, Name, Predicate, PropertyPath,
};
pub use json::{ByteOrder, Charset, Json, JsonReader, MAX_DEPTH, Number};
pub use metadata_level::MetadataLevel;
pub use options::{
    Direction, Expand, ExpandItem, MAX_EXPAND_DEPTH, MAX_EXPAND_ITEMS, MAX_ORDER_KEYS, MAX_TOP,
    OPTION_NAMES, Options, OrderKey, Period, option_name,
};
pub use path::{Path, Segment};
pub use value::{DateTimeOffset, Duration, decode_base64};

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::error::{Result, UrlPart, UrlReason};

/// Percent-decodes a part of a URL, which must be UTF-8 afterwards.
fn decode(text: &str, part: impl FnOnce() -> UrlPart) -> Result<Cow<'_, str>> {
    let broken = text.split('%').skip(1).any(|rest| !starts_with_two_hex_digits(rest));
    if broken {
        return Err(UrlReason::Escape { part: part() }.into());
    }
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map_err(|_| UrlReason::NotUtf8 { part: part() }.into())
}

fn starts_with_two_hex_digits(text: &str) -> bool {
    text.len() >= 2 && text.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
}
