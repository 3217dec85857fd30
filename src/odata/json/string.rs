//! Strings and names of a JSON text. They end with the mark that they begin with; the other mark
//! inside is text.
//!
//! Escapes are those of RFC 8259. Between apostrophes there is one more, `\'`, as Microsoft's reader
//! has it; that reader takes it between quotation marks as well, which no JSON writer does.

use std::borrow::Cow;

use super::reader::{JsonReader, Read};
use crate::error::JsonReason;

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
    let in_word = |word: &[u8; 8]| {
        let special = special_bytes(u64::from_le_bytes(*word), quote);
        (special != 0).then(|| special.trailing_zeros() as usize / 8)
    };
    // Names are short, and escapes often stand close together.
    if let Some(length) = bytes.first_chunk().and_then(in_word) {
        return length;
    }
    let is_special = |byte: &u8| *byte == quote || *byte == b'\\' || *byte < b' ';
    // Without an early exit, the compiler compares the bytes of a block in parallel.
    let is_plain = |block: &&[u8; 32]| !block.iter().fold(false, |met, it| met | is_special(it));
    let blocks = 32 * bytes.as_chunks().0.iter().take_while(is_plain).count();
    let (words, rest) = bytes[blocks..].as_chunks();
    for (index, word) in words.iter().enumerate() {
        if let Some(length) = in_word(word) {
            return blocks + 8 * index + length;
        }
    }
    let length = blocks + 8 * words.len();
    length + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// Eight bytes at once: the lowest bit that is set belongs to the first byte that is a quotation
/// mark, a backslash or a control character. Subtracting sets the highest bit of a byte that was
/// smaller; a byte behind it may be set without being special, since one was borrowed from it.
fn special_bytes(word: u64, quote: u8) -> u64 {
    let repeated = |byte: u8| u64::from_le_bytes([byte; 8]);
    let below = |word: u64, limit: u8| word.wrapping_sub(repeated(limit)) & !word;
    let is_quote = below(word ^ repeated(quote), 1);
    let is_backslash = below(word ^ repeated(b'\\'), 1);
    (is_quote | is_backslash | below(word, b' ')) & repeated(0x80)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_special_byte_is_found_at_any_distance(
            bytes in prop::collection::vec(prop_oneof![9 => 0x5d_u8.., 1 => any::<u8>()], 0..200),
            quote in prop_oneof![Just(b'"'), Just(b'\'')],
        ) {
            let special = |byte: &u8| [quote, b'\\'].contains(byte) || *byte < b' ';
            let first = bytes.iter().position(special).unwrap_or(bytes.len());
            prop_assert_eq!(plain_length(&bytes, quote), first);
        }
    }
}
