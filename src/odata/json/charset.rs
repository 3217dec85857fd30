//! The charsets in which a body may be written. A byte order mark at the beginning is passed over.

use std::borrow::Cow;

use super::reader::{JsonReader, position};
use crate::error::{JsonFault, JsonReason, Result};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A charset. `None` as the byte order means that the first byte of the body shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, with US-ASCII as a part of it.
    Utf8,
    /// UTF-16
    Utf16(Option<ByteOrder>),
    /// UTF-32
    Utf32(Option<ByteOrder>),
}

/// Which byte of a code unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The most significant byte.
    Big,
    /// The least significant byte.
    Little,
}

impl Charset {
    /// The charsets that are read, by the names that IANA gives them, and the usual `utf8`.
    pub const ALL: [(&str, Self); 9] = [
        ("utf-8", Self::Utf8),
        ("utf8", Self::Utf8),
        ("us-ascii", Self::Utf8),
        ("utf-16", Self::Utf16(None)),
        ("utf-16be", Self::Utf16(Some(ByteOrder::Big))),
        ("utf-16le", Self::Utf16(Some(ByteOrder::Little))),
        ("utf-32", Self::Utf32(None)),
        ("utf-32be", Self::Utf32(Some(ByteOrder::Big))),
        ("utf-32le", Self::Utf32(Some(ByteOrder::Little))),
    ];

    /// The charset of this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let own = Self::ALL.iter().find(|(own, _)| name.eq_ignore_ascii_case(own));
        own.map(|(_, charset)| *charset)
    }

    /// The text of a JSON body.
    ///
    /// # Errors
    /// If the bytes are not text in this charset, with the line, the column and the property.
    pub fn decode(self, body: &[u8]) -> Result<Cow<'_, str>> {
        match self {
            Self::Utf8 => self.decode_utf8(body).map(Cow::Borrowed),
            Self::Utf16(order) => {
                let (units, rest) = body.as_chunks();
                let unit = match order.unwrap_or_else(|| byte_order(body)) {
                    ByteOrder::Big => u16::from_be_bytes,
                    ByteOrder::Little => u16::from_le_bytes,
                };
                let characters = char::decode_utf16(units.iter().copied().map(unit));
                self.decode_units(characters.map(std::result::Result::ok), rest).map(Cow::Owned)
            }
            Self::Utf32(order) => {
                let (units, rest) = body.as_chunks();
                let unit = match order.unwrap_or_else(|| byte_order(body)) {
                    ByteOrder::Big => u32::from_be_bytes,
                    ByteOrder::Little => u32::from_le_bytes,
                };
                let characters = units.iter().copied().map(unit).map(char::from_u32);
                self.decode_units(characters, rest).map(Cow::Owned)
            }
        }
    }

    /// The bytes of a text, the most significant one first where the charset leaves that open.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        let is_little = matches!(self, Self::Utf16(order) | Self::Utf32(order) if order == Some(ByteOrder::Little));
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16(_) if is_little => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16(_) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Utf32(_) if is_little => {
                text.chars().map(u32::from).flat_map(u32::to_le_bytes).collect()
            }
            Self::Utf32(_) => text.chars().map(u32::from).flat_map(u32::to_be_bytes).collect(),
        }
    }

    fn decode_utf8(self, body: &[u8]) -> Result<&str> {
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        std::str::from_utf8(body).map_err(|error| {
            let readable = String::from_utf8_lossy(&body[..error.valid_up_to()]);
            self.unreadable(&readable).into()
        })
    }

    /// The text of characters, `None` standing for what is no character, with `rest` bytes too many.
    fn decode_units(
        self,
        characters: impl Iterator<Item = Option<char>>,
        rest: &[u8],
    ) -> Result<String> {
        let mut text = String::new();
        for (index, character) in characters.enumerate() {
            match character {
                Some(BYTE_ORDER_MARK) if index == 0 => {}
                Some(character) => text.push(character),
                None => return Err(self.unreadable(&text).into()),
            }
        }
        match rest {
            [] => Ok(text),
            _ => Err(self.unreadable(&text).into()),
        }
    }

    /// The error for bytes after a readable text: what is wrong in that text, else that it goes on
    /// with bytes that are no text. Reading shows the property.
    fn unreadable(self, readable: &str) -> Box<JsonFault> {
        let property = match JsonReader::whole(readable) {
            Ok(_) => None,
            Err(fault) if fault.reason.is_end() => fault.property,
            Err(fault) => return fault,
        };
        let charset = match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16(_) => "UTF-16",
            Self::Utf32(_) => "UTF-32",
        };
        let (line, column) = position(readable, readable.len());
        Box::new(JsonFault { property, reason: JsonReason::Charset { charset }, line, column })
    }
}

/// The byte order of a JSON body, which begins with a byte order mark (U+FEFF) or with an ASCII
/// character. Only in big-endian order the first byte is then 0 or 0xFE.
fn byte_order(body: &[u8]) -> ByteOrder {
    match body.first() {
        Some(0 | 0xfe) => ByteOrder::Big,
        _ => ByteOrder::Little,
    }
}
