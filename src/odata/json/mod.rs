//! JSON bodies: bytes → text (`charset`) → values (`reader`). Knows no type of the model.

mod charset;
mod number;
mod reader;
mod string;
#[cfg(test)]
mod tests;

pub use charset::{ByteOrder, Charset};
pub use number::Number;
pub use reader::JsonReader;

use crate::error::Result;

/// How many arrays and objects may stand inside each other.
pub const MAX_DEPTH: usize = 32;

/// A JSON value; members keep their order, and whole numbers are told from others.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number written without fraction and exponent that fits 64 bits.
    Integer(i64),
    /// Any other number.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; each name is there once.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text.
    ///
    /// # Errors
    /// If the text is anything but one JSON value. The error has line, column and property.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(JsonReader::whole(text)?)
    }

    /// What it is called in an error message.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) | Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}
