//! What does not fit a property's type in a value. Most texts are those of Microsoft's OData
//! library.

use super::{BodyReason, LITERAL, cut};

/// What does not fit the type.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ValueReason {
    #[error(
        "A null value was found, which has the expected type '{expected}[Nullable=False]'. The \
         expected type '{expected}[Nullable=False]' does not allow null values."
    )]
    Null { expected: String },
    #[error(
        "An unexpected '{found}' node was found when reading from the JSON reader. A '{expected}' \
         node was expected."
    )]
    Node { found: &'static str, expected: &'static str },
    #[error(
        "Cannot convert the literal '{}' to the expected type '{expected}'.{}",
        cut(literal, LITERAL),
        members_of(members)
    )]
    Literal { literal: String, expected: String, members: Vec<&'static str> },
    #[error("The character U+0000 cannot be stored.")]
    NullCharacter,
    #[error("It has {count} items, and {limit} is the limit.")]
    TooManyItems { count: usize, limit: usize },
    #[error("In item {index}: {reason}")]
    Item { index: usize, reason: Box<Self> },
    #[error(transparent)]
    Member(Box<BodyReason>),
    #[error("It is {found}, and must be {allowed}.")]
    NotAllowed { found: String, allowed: &'static str },
    #[error("A value must be an object, not {found}.")]
    NotObject { found: &'static str },
    #[error(
        "The type '{of}' is abstract: '@odata.type' must name the type of the value: {choices}."
    )]
    Abstract { of: String, choices: String },
    #[error(
        "An entry with type '{found}' was found, but it is not assignable to the expected type \
         '{expected}'. ('@odata.type') It may be {choices}."
    )]
    NotAssignable { found: String, expected: String, choices: String },
}

impl From<BodyReason> for ValueReason {
    fn from(reason: BodyReason) -> Self {
        Self::Member(Box::new(reason))
    }
}

/// A sentence with the members, if there are any.
fn members_of(members: &[&str]) -> String {
    match members {
        [] => String::new(),
        members => format!(" Its members are {}.", members.join(", ")),
    }
}
