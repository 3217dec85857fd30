//! Strings and names of a JSON text. They end with the mark that they begin with; the other mark
//! inside is text.
//!
//! Escapes are those of RFC 8259. Between apostrophes there is one more, `\'`, as Microsoft's reader
//! has it; that reader takes it between quotation marks as well, which no JSON writer does.

use std::borrow::Cow;

use super::reader::{JsonReader, Read};
use crate::error::JsonReason;

/// How many bytes are compared at once.
const BLOCK: usize = 32;

impl<'a> JsonReader<'a> {
    /// Reads the string that begins with this quotation mark or apostrophe at the current offset.
    pub(super) fn string_behind(&mut self, quote: u8) -> Read<Cow<'a, str>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let end = start + plain_length(&bytes[start..], quote);
        if bytes.get(end) == Some(&quote) {
            self.at = end + 1;
            return Ok(Cow::Borrowed(&self.text[start..end]));
        }
        self.escaped_string(start, end, quote).map(Cow::Owned)
    }

    /// The rest of a string whose text from `start` to `end` is plain.
    fn escaped_string(&mut self, start: usize, mut end: usize, quote: u8) -> Read<String> {
        let bytes = self.text.as_bytes();
        let mut string = self.text[start..end].to_owned();
        loop {
            self.at = end;
            match bytes.get(end) {
                None => return Err(self.fault(end, JsonReason::OpenString)),
                Some(b'\\') => string.push(self.escape(quote)?),
                Some(byte) if *byte == quote => {
                    self.at = end + 1;
                    return Ok(string);
                }
                Some(&code) => return Err(self.fault(end, JsonReason::ControlCharacter { code })),
            }
            end = self.at + plain_length(&bytes[self.at..], quote);
            string.push_str(&self.text[self.at..end]);
        }
    }

    /// Reads an escape sequence at its backslash.
    fn escape(&mut self, quote: u8) -> Read<char> {
        let start = self.at;
        let escaped = match self.text[start + 1..].chars().next() {
            Some('u') => return self.unicode_escape(),
            Some(mark @ ('"' | '\\' | '/')) => mark,
            Some('\'') if quote == b'\'' => '\'',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(found) => return Err(self.fault(start, JsonReason::Escape { found })),
            None => return Err(self.fault(self.text.len(), JsonReason::OpenString)),
        };
        self.at = start + 2;
        Ok(escaped)
    }

    /// `\uXXXX`, or a pair of them for a character beyond U+FFFF.
    fn unicode_escape(&mut self) -> Read<char> {
        let start = self.at;
        let unit = self.code_unit()?;
        if let Some(character) = char::from_u32(unit.into()) {
            return Ok(character);
        }
        let is_pair = self.text[self.at..].starts_with("\\u");
        let second = is_pair.then(|| self.code_unit()).transpose()?;
        let character = second.and_then(|second| char::decode_utf16([unit, second]).next()?.ok());
        character.ok_or_else(|| self.fault(start, JsonReason::LoneSurrogate))
    }

    fn code_unit(&mut self) -> Read<u16> {
        let digits = self.text.get(self.at + 2..self.at + 6);
        let digits = digits.filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.fault(self.at, JsonReason::UnicodeEscape))?;
        self.at += 6;
        Ok(unit)
    }
}

/// How many bytes stand before the first one that is not simply part of a string.
fn plain_length(bytes: &[u8], quote: u8) -> usize {
    let is_special = |byte: &u8| *byte == quote || *byte == b'\\' || *byte < b' ';
    // Without an early exit, the compiler compares the bytes of a block in parallel.
    let is_plain = |block: &&[u8]| !block.iter().fold(false, |met, byte| met | is_special(byte));
    let blocks = BLOCK * bytes.chunks_exact(BLOCK).take_while(is_plain).count();
    let rest = &bytes[blocks..];
    blocks + rest.iter().position(is_special).unwrap_or(rest.len())
}
