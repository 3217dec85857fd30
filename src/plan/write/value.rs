//! The value of a property, and how it is read from JSON.

use super::primitive::Read;
use super::{body, complex, primitive};
use crate::error::{BodyReason, ValueReason};
use crate::model::{ComplexType, Edm, MAX_ITEMS, Property, Source};
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
    Texts(Vec<String>),
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
            return Self::Texts(texts.iter().map(|text| (*text).into()).collect());
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
    pub(super) fn read(property: &Property, json: Json) -> body::Read<Self> {
        let value = match (property.edm, json) {
            (_, Json::Null) if property.nullable => return Ok(Self::Null),
            (edm, Json::Null) => Err(ValueReason::Null { expected: edm.name() }),
            (Edm::Strings | Edm::Enums(_) | Edm::Complexes(_), Json::Array(items))
                if items.len() > MAX_ITEMS =>
            {
                Err(ValueReason::TooManyItems { count: items.len(), limit: MAX_ITEMS })
            }
            (Edm::Strings, Json::Array(items)) => {
                each(Edm::String, items, primitive::text).map(Self::Texts)
            }
            (Edm::Enums(enumeration), Json::Array(items)) => {
                let read = |item| primitive::member(enumeration, &item);
                each(Edm::Enum(enumeration), items, read).map(Self::Members)
            }
            (Edm::Complexes(of), Json::Array(items)) => {
                each(Edm::Complex(of), items, |item| complex::read(of, item)).map(Self::Complexes)
            }
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
            (edm, json) => primitive::read(edm, json),
        };
        value.map_err(|reason| BodyReason::Property { property: property.name, reason })
    }
}

/// Reads each item of a collection as a value of a type. Null is no item of any collection, as
/// `$metadata` says with `Nullable="false"`.
fn each<T>(edm: Edm, items: Vec<Json>, read: impl Fn(Json) -> Read<T>) -> Read<Vec<T>> {
    let values = items.into_iter().enumerate().map(|(index, item)| {
        let value = match item {
            Json::Null => Err(ValueReason::Null { expected: edm.name() }),
            item => read(item),
        };
        value.map_err(|reason| ValueReason::Item { index, reason: Box::new(reason) })
    });
    values.collect()
}

fn unexpected(found: &Json, expected: &'static str) -> ValueReason {
    let found = match found {
        Json::Array(_) => "StartArray",
        Json::Object(_) => "StartObject",
        _ => "PrimitiveValue",
    };
    ValueReason::Node { found, expected }
}
