//! A value of a property, and how JSON becomes one. Texts of refusals are those of Graph's library,
//! behind the name of the property.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::{Edm, EnumType, Property, Source};
use crate::odata::{DateTimeOffset, Json};

/// A value that fits its property.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value; as a key, one that no entity has.
    Null,
    /// `Edm.String`; without U+0000, which PostgreSQL does not hold.
    Text(String),
    /// A key that the server made.
    Guid(Uuid),
    /// `Edm.Boolean`
    Boolean(bool),
    /// `Edm.Int32`
    Int32(i32),
    /// `Edm.DateTimeOffset`
    DateTimeOffset(DateTimeOffset),
    /// `Edm.Binary`
    Binary(Vec<u8>),
    /// `Collection(Edm.String)`
    Texts(Vec<Option<String>>),
    /// A member of an enumeration.
    Member(&'static str),
}

/// How much of a refused literal an error repeats, in characters.
const MAX_ECHO: usize = 60;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Value {
    /// What a property holds when a new entity's body does not name it.
    #[must_use]
    pub(super) fn absent(property: &Property) -> Self {
        if let Source::ClientOr(texts) = property.source {
            return Self::Texts(texts.iter().map(|text| Some((*text).into())).collect());
        }
        match property.edm {
            _ if property.nullable => Self::Null,
            Edm::String => Self::Text(String::new()),
            Edm::Boolean => Self::Boolean(false),
            Edm::Int32 => Self::Int32(0),
            Edm::DateTimeOffset => Self::DateTimeOffset(DateTimeOffset::MIN),
            Edm::Binary => Self::Binary(Vec::new()),
            Edm::Strings => Self::Texts(Vec::new()),
            Edm::Enum(enumeration) => Self::Member(enumeration.members[0]),
        }
    }

    /// Reads a property's value as a body writes it.
    pub(super) fn from_json(property: &Property, json: Json) -> Result<Self> {
        let edm = property.edm;
        let value = match (edm, json) {
            (_, Json::Null) if property.nullable => return Ok(Self::Null),
            (_, Json::Null) => Err(null(edm)),
            (Edm::Strings, Json::Array(items)) => texts(items),
            (Edm::Strings, json) => Err(unexpected(&json, "StartArray")),
            (_, json @ (Json::Array(_) | Json::Object(_))) => {
                Err(unexpected(&json, "PrimitiveValue"))
            }
            (edm, json) => primitive(edm, json),
        };
        value.map_err(|why| {
            let name = property.name;
            Error::ModelValidation(format!("The property '{name}' cannot be read: {why}"))
        })
    }
}

type Read = std::result::Result<Value, String>;

fn primitive(edm: Edm, json: Json) -> Read {
    let value = match (edm, &json) {
        (Edm::String, Json::String(_)) => return text(json).map(Value::Text),
        (Edm::Boolean, Json::Boolean(value)) => Some(Value::Boolean(*value)),
        (Edm::Int32, Json::Integer(value)) => i32::try_from(*value).ok().map(Value::Int32),
        (Edm::DateTimeOffset, Json::String(value)) => {
            DateTimeOffset::parse(value).map(Value::DateTimeOffset)
        }
        (Edm::Binary, Json::String(value)) => binary(value).map(Value::Binary),
        (Edm::Enum(enumeration), Json::String(value)) => member(enumeration, value),
        _ => None,
    };
    value.ok_or_else(|| {
        let members = match edm {
            Edm::Enum(enumeration) => {
                format!(" Its members are {}.", enumeration.members.join(", "))
            }
            _ => String::new(),
        };
        format!(
            "Cannot convert the literal '{}' to the expected type '{}'.{members}",
            echo(&json),
            edm.name()
        )
    })
}

fn text(json: Json) -> std::result::Result<String, String> {
    match json {
        Json::String(text) if !text.contains('\0') => Ok(text),
        Json::String(_) => Err("The character U+0000 cannot be stored.".into()),
        other => Err(format!(
            "Cannot convert the literal '{}' to the expected type 'Edm.String'.",
            echo(&other)
        )),
    }
}

fn texts(items: Vec<Json>) -> Read {
    let texts = items.into_iter().map(|item| match item {
        Json::Null => Ok(None),
        item => text(item).map(Some),
    });
    texts.collect::<std::result::Result<_, _>>().map(Value::Texts)
}

/// Both alphabets are read, with or without padding, as Graph's library does.
fn binary(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('-', "+").replace('_', "/")).ok()
}

fn member(enumeration: &'static EnumType, name: &str) -> Option<Value> {
    enumeration.members.iter().find(|member| **member == name).map(|member| Value::Member(member))
}

fn null(edm: Edm) -> String {
    let name = edm.name();
    format!(
        "A null value was found, which has the expected type '{name}[Nullable=False]'. \
         The expected type '{name}[Nullable=False]' does not allow null values."
    )
}

fn unexpected(found: &Json, expected: &str) -> String {
    let found = match found {
        Json::Array(_) => "StartArray",
        Json::Object(_) => "StartObject",
        _ => "PrimitiveValue",
    };
    format!(
        "An unexpected '{found}' node was found when reading from the JSON reader. \
         A '{expected}' node was expected."
    )
}

fn echo(json: &Json) -> String {
    let text = match json {
        Json::Null => "null".into(),
        Json::Boolean(value) => value.to_string(),
        Json::Integer(value) => value.to_string(),
        Json::Number(value) => value.to_string(),
        Json::String(value) => value.clone(),
        Json::Array(_) | Json::Object(_) => json.kind().into(),
    };
    match text.char_indices().nth(MAX_ECHO) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_base64_alphabets_are_read() {
        for text in ["+/8=", "-_8=", "+/8", "-_8"] {
            assert_eq!(binary(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(binary("a"), None);
        assert_eq!(binary("a b="), None);
    }
}
