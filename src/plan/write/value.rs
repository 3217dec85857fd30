//! The value of a property, and how it is read from JSON.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::complex;
use crate::error::{BodyReason, Result, ValueReason};
use crate::model::{ComplexType, Edm, EnumType, MAX_ITEMS, Property, Source};
use crate::odata::{DateTimeOffset, Duration, Json};

/// A value of the type of its property.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    /// `Edm.String` without U+0000, which PostgreSQL cannot store.
    Text(String),
    /// `Edm.Boolean`
    Boolean(bool),
    /// `Edm.Int32`
    Int32(i32),
    /// `Edm.Int64`
    Int64(i64),
    /// `Edm.Double`
    Double(f64),
    /// `Edm.DateTimeOffset`
    DateTimeOffset(DateTimeOffset),
    /// `Edm.Duration`
    Duration(Duration),
    /// `Edm.Binary`
    Binary(Vec<u8>),
    /// `Collection(Edm.String)`
    Texts(Vec<Option<String>>),
    Member(&'static str),
    Members(Vec<&'static str>),
    Complex(Complex),
    Complexes(Vec<Complex>),
}

/// A complex value: its type, which may be a derived one, and a value for each of its properties.
#[derive(Clone, Debug)]
pub struct Complex {
    /// The type of the property.
    pub declared: &'static ComplexType,
    /// The type of the value: the declared type, or one derived from it.
    pub of: &'static ComplexType,
    /// The values, in the order of the type.
    pub values: Vec<(&'static Property, Value)>,
}

/// 2⁵³ − 1. Up to here a double holds each whole number exactly; a greater number with a fraction or
/// an exponent may have been rounded.
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Value {
    /// The text of an `Edm.String`.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The default value of a property, for a create whose body does not have it.
    #[must_use]
    pub(in crate::plan) fn absent(property: &Property) -> Self {
        if let Source::ClientOr(texts) = property.source {
            return Self::Texts(texts.iter().map(|text| Some((*text).into())).collect());
        }
        match property.edm {
            _ if property.nullable => Self::Null,
            Edm::String => Self::Text(String::new()),
            Edm::Boolean => Self::Boolean(false),
            Edm::Int32 => Self::Int32(0),
            Edm::Int64 => Self::Int64(0),
            Edm::Double => Self::Double(0.0),
            Edm::DateTimeOffset => Self::DateTimeOffset(DateTimeOffset::MIN),
            Edm::Duration => Self::Duration(Duration::ZERO),
            Edm::Binary => Self::Binary(Vec::new()),
            Edm::Strings => Self::Texts(Vec::new()),
            Edm::Enum(enumeration) => Self::Member(enumeration.default()),
            Edm::Enums(_) => Self::Members(Vec::new()),
            Edm::Complex(complex) => Self::Complex(complex::absent(complex)),
            Edm::Complexes(_) => Self::Complexes(Vec::new()),
        }
    }

    /// Reads the value of a property from a body.
    pub(in crate::plan) fn from_json(property: &Property, json: Json) -> Result<Self> {
        Ok(Self::read(property, json)?)
    }

    /// As [`Value::from_json`], with the reason as the error.
    pub(in crate::plan) fn read(
        property: &Property,
        json: Json,
    ) -> std::result::Result<Self, BodyReason> {
        let value = match (property.edm, json) {
            (_, Json::Null) if property.nullable => return Ok(Self::Null),
            (edm, Json::Null) => Err(ValueReason::Null { expected: edm.name() }),
            (Edm::Strings | Edm::Enums(_) | Edm::Complexes(_), Json::Array(items))
                if items.len() > MAX_ITEMS =>
            {
                Err(ValueReason::TooManyItems { count: items.len(), limit: MAX_ITEMS })
            }
            (Edm::Strings, Json::Array(items)) => texts(items),
            (Edm::Enums(enumeration), Json::Array(items)) => members(enumeration, items),
            (Edm::Complexes(of), Json::Array(items)) => complex::read_all(of, items),
            (Edm::Strings | Edm::Enums(_) | Edm::Complexes(_), json) => {
                Err(unexpected(&json, "StartArray"))
            }
            (Edm::Complex(of), json @ Json::Object(_)) => {
                complex::read(of, json).map(Self::Complex)
            }
            (Edm::Complex(_), json) => Err(unexpected(&json, "StartObject")),
            (_, json @ (Json::Array(_) | Json::Object(_))) => {
                Err(unexpected(&json, "PrimitiveValue"))
            }
            (edm, json) => primitive(edm, json),
        };
        value.map_err(|reason| BodyReason::Property { property: property.name, reason })
    }
}

type Read = std::result::Result<Value, ValueReason>;

fn primitive(edm: Edm, json: Json) -> Read {
    let value = match (edm, &json) {
        (Edm::String, Json::String(_)) => return text(json).map(Value::Text),
        (Edm::Boolean, Json::Boolean(value)) => Some(Value::Boolean(*value)),
        (Edm::Int32, json) => {
            integer(json).and_then(|value| i32::try_from(value).ok()).map(Value::Int32)
        }
        (Edm::Int64, json) => integer(json).map(Value::Int64),
        (Edm::Double, json) => double(json).map(Value::Double),
        (Edm::DateTimeOffset, Json::String(value)) => {
            DateTimeOffset::parse(value).map(Value::DateTimeOffset)
        }
        (Edm::Duration, Json::String(value)) => Duration::parse(value).map(Value::Duration),
        (Edm::Binary, Json::String(value)) => binary(value).map(Value::Binary),
        (Edm::Enum(enumeration), Json::String(value)) => {
            enumeration.member(value).map(Value::Member)
        }
        _ => None,
    };
    value.ok_or_else(|| cannot_convert(edm, &json))
}

fn cannot_convert(edm: Edm, json: &Json) -> ValueReason {
    let members = match edm {
        Edm::Enum(enumeration) => enumeration.names().collect(),
        _ => Vec::new(),
    };
    ValueReason::Literal { literal: literal(json), expected: edm.name(), members }
}

/// A whole number in any notation, such as `1.0` and `1e2`.
#[expect(clippy::cast_possible_truncation, reason = "the number is whole, and far from the limits")]
fn integer(json: &Json) -> Option<i64> {
    match json {
        Json::Integer(value) => Some(*value),
        Json::Number(value) if value.fract() == 0.0 && value.abs() <= MAX_EXACT => {
            Some(*value as i64)
        }
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a double holds no more of an integer")]
fn double(json: &Json) -> Option<f64> {
    match json {
        Json::Integer(value) => Some(*value as f64),
        Json::Number(value) => Some(*value),
        _ => None,
    }
}

fn text(json: Json) -> std::result::Result<String, ValueReason> {
    match json {
        Json::String(text) if !text.contains('\0') => Ok(text),
        Json::String(_) => Err(ValueReason::NullCharacter),
        other => Err(cannot_convert(Edm::String, &other)),
    }
}

fn texts(items: Vec<Json>) -> Read {
    let texts = items.into_iter().map(|item| match item {
        Json::Null => Ok(None),
        item => text(item).map(Some),
    });
    texts.collect::<std::result::Result<_, _>>().map(Value::Texts)
}

fn members(enumeration: &'static EnumType, items: Vec<Json>) -> Read {
    let members = items.into_iter().map(|item| match primitive(Edm::Enum(enumeration), item)? {
        Value::Member(member) => Ok(member),
        _ => Err(ValueReason::Null { expected: Edm::Enum(enumeration).name() }),
    });
    members.collect::<std::result::Result<_, _>>().map(Value::Members)
}

/// Both alphabets are read, with or without padding, as Graph's library does.
fn binary(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('-', "+").replace('_', "/")).ok()
}

fn unexpected(found: &Json, expected: &'static str) -> ValueReason {
    let found = match found {
        Json::Array(_) => "StartArray",
        Json::Object(_) => "StartObject",
        _ => "PrimitiveValue",
    };
    ValueReason::Node { found, expected }
}

/// A literal as an error repeats it.
fn literal(json: &Json) -> String {
    match json {
        Json::Null => "null".into(),
        Json::Boolean(value) => value.to_string(),
        Json::Integer(value) => value.to_string(),
        Json::Number(value) => format!("{value:?}"),
        Json::String(value) => value.clone(),
        Json::Array(_) | Json::Object(_) => json.kind().into(),
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
