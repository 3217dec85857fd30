//! The form of a property in the reply to a read of it alone.

use crate::model::{Edm, Property};

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueForm {
    /// The member `value` of a JSON object.
    Member,
    /// A JSON object: the complex value itself.
    Object,
    /// The raw value, as text.
    Text,
    /// The raw value, as bytes.
    Bytes,
    /// The number of items, as text.
    Count,
}

impl ValueForm {
    /// The form of a property: its raw value or the number of its items, or JSON.
    #[must_use]
    pub fn of(property: &Property, raw: bool) -> Self {
        match property.edm {
            Edm::Binary if raw => Self::Bytes,
            edm if raw && edm.is_collection() => Self::Count,
            _ if raw => Self::Text,
            Edm::Complex(_) => Self::Object,
            _ => Self::Member,
        }
    }
}
