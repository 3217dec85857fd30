//! The JSON of a single value that is not complex → the value.

use super::Value;
use crate::error::ValueReason;
use crate::model::{Edm, EnumType};
use crate::odata::{DateTimeOffset, Duration, Json, decode_base64};

/// What is read from a value, or what does not fit its type.
pub(super) type Read<T> = std::result::Result<T, ValueReason>;

/// A string is read as the type of the property where its text is a value of that type.
pub(super) fn read(edm: Edm, json: Json) -> Read<Value> {
    let value = match (edm, &json) {
        (Edm::String, Json::String(_)) => return text(json).map(Value::Text),
        (Edm::Boolean, json) => boolean(json).map(Value::Boolean),
        (Edm::Int32, json) => {
            integer(json).and_then(|value| i32::try_from(value).ok()).map(Value::Int32)
        }
        (Edm::Int64, json) => integer(json).map(Value::Int64),
        (Edm::Double, json) => double(json).map(Value::Double),
        (Edm::DateTimeOffset, Json::String(value)) => {
            DateTimeOffset::parse(value).map(Value::DateTimeOffset)
        }
        (Edm::Duration, Json::String(value)) => Duration::parse(value).map(Value::Duration),
        (Edm::Binary, Json::String(value)) => decode_base64(value).map(Value::Binary),
        (Edm::Enum(enumeration), _) => return member(enumeration, &json).map(Value::Member),
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

/// `true` and `"true"`, the string in any case.
fn boolean(json: &Json) -> Option<bool> {
    match json {
        Json::Boolean(value) => Some(*value),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A whole number: a JSON number in any notation, such as `1.0` and `1e2`, or a string of digits.
fn integer(json: &Json) -> Option<i64> {
    match json {
        Json::Integer(value) => Some(*value),
        Json::Number(value) => value.integer(),
        // Rust's reader of integers would accept a plus sign, and refuses everything else.
        Json::String(text) if !text.starts_with('+') => text.parse().ok(),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a double holds no more of an integer")]
fn double(json: &Json) -> Option<f64> {
    match json {
        Json::Number(value) => value.double(),
        _ => integer(json).map(|value| value as f64),
    }
}

/// A string that PostgreSQL can store.
pub(super) fn text(json: Json) -> Read<String> {
    match json {
        Json::String(text) if !text.contains('\0') => Ok(text),
        Json::String(_) => Err(ValueReason::NullCharacter),
        other => Err(cannot_convert(Edm::String, &other)),
    }
}

/// A member of an enumeration, by its name in any case.
pub(super) fn member(enumeration: &'static EnumType, json: &Json) -> Read<&'static str> {
    let member = if let Json::String(name) = json { enumeration.member(name) } else { None };
    member.ok_or_else(|| cannot_convert(Edm::Enum(enumeration), json))
}

/// A literal as an error repeats it.
fn literal(json: &Json) -> String {
    match json {
        Json::Null => "null".into(),
        Json::Boolean(value) => value.to_string(),
        Json::Integer(value) => value.to_string(),
        Json::Number(value) => value.written().to_owned(),
        Json::String(value) => value.clone(),
        Json::Array(_) | Json::Object(_) => json.kind().into(),
    }
}
