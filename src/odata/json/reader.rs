//! Reads a JSON text from left to right, as RFC 8259 has it, with one addition: a name or a string may
//! stand in apostrophes instead of quotation marks, as Microsoft's reader accepts it. Repeated names
//! and deep nesting are errors. An error has the line and the column in the client's own text and,
//! where it is inside a value, the property.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Json, MAX_DEPTH};
use crate::error::{JsonFault, JsonReason};

/// A value, or what is wrong with the text.
pub(super) type Read<T> = std::result::Result<T, Box<JsonFault>>;

/// So many names are compared one by one, which is faster than hashing them.
const FEW: usize = 16;

/// A JSON text, and how far it has been read.
#[derive(Debug)]
pub struct JsonReader<'a> {
    pub(super) text: &'a str,
    /// The offset of the next byte; always between two characters.
    pub(super) at: usize,
    /// How many arrays and objects are open.
    depth: usize,
}

impl<'a> JsonReader<'a> {
    /// A reader at the start of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Reads the next value.
    pub fn value(&mut self) -> Read<Json> {
        match self.peek() {
            Some(b'{') => {
                let mut members = Vec::new();
                self.object(|reader, name| {
                    let value = reader.value()?;
                    members.push((name.into_owned(), value));
                    Ok(())
                })?;
                Ok(Json::Object(members))
            }
            Some(b'[') => {
                let mut items = Vec::new();
                self.array(|reader| {
                    items.push(reader.value()?);
                    Ok(())
                })?;
                Ok(Json::Array(items))
            }
            Some(quote @ (b'"' | b'\'')) => {
                Ok(Json::String(self.string_behind(quote)?.into_owned()))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Boolean(true)),
            Some(b'f') => self.word("false", Json::Boolean(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Reads the next value, and returns it as it is written.
    pub fn written(&mut self) -> Read<&'a str> {
        self.peek();
        let start = self.at;
        self.value()?;
        Ok(&self.text[start..self.at])
    }

    /// Reads an array. `item` reads exactly one value.
    pub fn array(&mut self, mut item: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.open(b'[', "an array")?;
        if !self.accept(b']') {
            item(self)?;
            while !self.accept(b']') {
                self.expect(b',', "',' or ']'")?;
                item(self)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an object. `member` gets a name, and reads exactly one value.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Read<()>,
    ) -> Read<()> {
        self.open(b'{', "an object")?;
        let mut names = Names::default();
        if !self.accept(b'}') {
            self.member(&mut names, &mut member)?;
            while !self.accept(b'}') {
                self.expect(b',', "',' or '}'")?;
                self.member(&mut names, &mut member)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads the one value that a whole text is.
    pub(super) fn whole(text: &'a str) -> Read<Json> {
        let mut reader = Self::new(text);
        let value = reader.value()?;
        match reader.peek() {
            None => Ok(value),
            Some(_) => Err(reader.fault(reader.at, JsonReason::Trailing)),
        }
    }

    /// An error at an offset, which is between two characters. The end of the text has the column of
    /// the last character.
    pub(super) fn fault(&self, at: usize, reason: JsonReason) -> Box<JsonFault> {
        let (line, column) = position(self.text, at);
        let column = if at < self.text.len() { column } else { column - 1 };
        Box::new(JsonFault { property: None, reason, line, column })
    }

    fn member(
        &mut self,
        names: &mut Names<'a>,
        member: &mut impl FnMut(&mut Self, Cow<'a, str>) -> Read<()>,
    ) -> Read<()> {
        let Some(quote @ (b'"' | b'\'')) = self.peek() else {
            return Err(self.unexpected("a name in quotation marks"));
        };
        let start = self.at;
        let name = self.string_behind(quote)?;
        if !names.insert(name.clone()) {
            let name = name.into_owned();
            return Err(self.fault(start, JsonReason::NameRepeated { name }));
        }
        self.expect(b':', "':'")?;
        member(self, name.clone()).map_err(|mut fault| {
            fault.property.get_or_insert_with(|| name.into_owned());
            fault
        })
    }

    /// Skips white space, and returns the next byte without reading it.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                next => return next.copied(),
            }
        }
    }

    /// Reads this byte, which is ASCII, if it is next behind white space.
    fn accept(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Read<()> {
        match self.accept(byte) {
            true => Ok(()),
            false => Err(self.unexpected(expected)),
        }
    }

    fn open(&mut self, bracket: u8, expected: &'static str) -> Read<()> {
        self.expect(bracket, expected)?;
        if self.depth == MAX_DEPTH {
            return Err(self.fault(self.at - 1, JsonReason::TooDeep { limit: MAX_DEPTH }));
        }
        self.depth += 1;
        Ok(())
    }

    fn word(&mut self, word: &str, value: Json) -> Read<Json> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> Box<JsonFault> {
        let reason = match self.text[self.at..].chars().next() {
            Some(found) => JsonReason::Unexpected { found, expected },
            None => JsonReason::End { expected },
        };
        self.fault(self.at, reason)
    }
}

/// The names of an object, each once.
#[derive(Debug, Default)]
struct Names<'a> {
    few: Vec<Cow<'a, str>>,
    /// All of them once there are more than [`FEW`].
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    /// Whether the name is new.
    fn insert(&mut self, name: Cow<'a, str>) -> bool {
        if self.few.len() < FEW {
            let is_new = !self.few.contains(&name);
            self.few.push(name);
            return is_new;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().cloned());
        }
        self.many.insert(name)
    }
}

/// The line and the column of an offset, both from 1; the column counts characters.
pub(super) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
    (line, 1 + before[line_start..].chars().count())
}
