//! What is wrong with a JSON text, and where.

use super::cut;

/// How much of a name a text repeats, in characters; the longest property of the model has 62.
const NAME: usize = 100;

/// What is wrong with a JSON text, and where in the client's own text.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{reason} at line {line} column {column}", in_property(property.as_deref()))]
pub struct JsonFault {
    /// The innermost property whose value it is in.
    pub property: Option<String>,
    pub reason: JsonReason,
    /// From 1.
    pub line: usize,
    /// From 1, in characters. At the end of the text, it is that of the last character, or 0.
    pub column: usize,
}

/// What is wrong with a JSON text.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JsonReason {
    #[error("found {} where {expected} was expected", shown(*found))]
    Unexpected { found: char, expected: &'static str },
    #[error("the text ends where {expected} was expected")]
    End { expected: &'static str },
    #[error("the text ends inside a string")]
    OpenString,
    #[error("trailing characters")]
    Trailing,
    #[error("a string has the control character U+{code:04X}, which must be escaped")]
    ControlCharacter { code: u8 },
    #[error("a backslash must not come before {}", shown(*found))]
    Escape { found: char },
    #[error("four hexadecimal digits must follow '\\u'")]
    UnicodeEscape,
    #[error("half of a surrogate pair is not a character")]
    LoneSurrogate,
    #[error("a number is out of range")]
    NumberOutOfRange,
    #[error("nesting is deeper than {limit}")]
    TooDeep { limit: usize },
    #[error("the name '{}' is given twice", cut(name, NAME))]
    NameRepeated { name: String },
    #[error("the bytes are not {charset}")]
    Charset { charset: &'static str },
}

impl JsonReason {
    /// Whether more text could have made it right.
    #[must_use]
    pub fn is_end(&self) -> bool {
        matches!(self, Self::End { .. } | Self::OpenString)
    }
}

fn in_property(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("in the property '{}': ", cut(name, NAME)))
}

fn shown(found: char) -> String {
    match found {
        '\'' => "an apostrophe".into(),
        found if found.is_control() => format!("U+{:04X}", u32::from(found)),
        found => format!("'{found}'"),
    }
}
