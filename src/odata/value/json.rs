//! The text of a body → JSON, read strictly: duplicate names, deep nesting and trailing text are
//! refused, and an error says line and column and, where it is inside one, the property.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::error::{Error, JsonReason, Result};

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
    Number(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; each name is there once.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole body.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let json = Node { depth: 0 }.deserialize(&mut deserializer);
        let json = json.and_then(|json| deserializer.end().map(|()| json));
        json.map_err(|error| Error::Json(error.to_string()))
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

/// A value that stands inside `depth` others.
#[derive(Clone, Copy)]
struct Node {
    depth: usize,
}

impl Node {
    fn inside<E: serde::de::Error>(self) -> std::result::Result<Self, E> {
        match self.depth < MAX_DEPTH {
            true => Ok(Self { depth: self.depth + 1 }),
            false => Err(E::custom(JsonReason::TooDeep { limit: MAX_DEPTH })),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> std::result::Result<Json, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Json, E> {
        Ok(Json::Integer(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "beyond 64 signed bits no type is exact")]
    fn visit_u64<E>(self, value: u64) -> std::result::Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Number(value as f64), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut names = HashSet::new();
        let mut object = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(JsonReason::NameRepeated { name }));
            }
            let value = members.next_value_seed(inside).map_err(|error| within(&name, error))?;
            object.push((name, value));
        }
        Ok(Json::Object(object))
    }
}

/// Names the innermost property in which an error was met.
fn within<E: serde::de::Error>(name: &str, error: E) -> E {
    JsonReason::in_property(name, error.to_string()).map_or(error, E::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Json::parse(text.as_bytes()).unwrap_err().row().message
    }

    #[test]
    fn whole_numbers_are_told_from_others() {
        let json = Json::parse(b"[1, 1.0, 1e2, 9223372036854775808]").unwrap();
        let numbers = [1.0, 100.0, 9_223_372_036_854_775_808.0].map(Json::Number);
        let mut expected = vec![Json::Integer(1)];
        expected.extend(numbers);
        assert_eq!(json, Json::Array(expected));
    }

    #[test]
    fn an_error_says_where() {
        assert!(
            refusal("{\n  \"a\": }").contains("line 2 column 8"),
            "{}",
            refusal("{\n  \"a\": }")
        );
        assert!(refusal("").contains("line 1 column 0"));
        assert!(refusal("{} x").contains("trailing characters at line 1 column 4"));
        let surrogate = refusal(r#"{"a": {"resultMessage": "\ud800"}}"#);
        assert!(surrogate.contains("in the property 'resultMessage'"), "{surrogate}");
        assert!(surrogate.contains("line 1 column"), "{surrogate}");
    }

    #[test]
    fn a_name_is_given_once() {
        assert!(refusal(r#"{"a": 1, "a": 1}"#).contains("the name 'a' is given twice"));
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(refusal(&nested(MAX_DEPTH + 1)).contains("nesting is deeper than 32"));
        assert!(refusal(&"[".repeat(1_000_000)).contains("nesting is deeper than 32"));
    }
}
