//! What the service refuses in a JSON text besides what is not JSON. The JSON parser adds line and
//! column.

/// What is wrong with a JSON text.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JsonReason {
    #[error("nesting is deeper than {limit}")]
    TooDeep { limit: usize },
    #[error("the name '{name}' is given twice")]
    NameRepeated { name: String },
    #[error("{IN_PROPERTY} '{name}': {reason}")]
    InProperty { name: String, reason: String },
}

/// How the text of an error begins that already names the property.
const IN_PROPERTY: &str = "in the property";

impl JsonReason {
    /// Names the property in which an error was met, unless its text already names an inner one.
    #[must_use]
    pub fn in_property(name: &str, reason: String) -> Option<Self> {
        let is_named = reason.starts_with(IN_PROPERTY);
        (!is_named).then(|| Self::InProperty { name: name.to_owned(), reason })
    }
}
