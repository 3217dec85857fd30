//! What does not fit the model in a body, by the name of the property and its place. Answered as
//! `ModelValidationFailure`, a reference to nothing as `BadRequest`.

use super::{URL, ValueReason, cut};

/// What does not fit the model.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BodyReason {
    #[error("In {collection}[{index}]: {reason}")]
    Item { collection: &'static str, index: usize, reason: Box<Self> },
    #[error("The property '{property}' cannot be read: {reason}")]
    Property { property: &'static str, reason: ValueReason },
    #[error("The request body must be an object, not {found}.")]
    NotObject { found: &'static str },
    #[error("A {entity_type} must be an object, not {found}.")]
    EntityNotObject { entity_type: &'static str, found: &'static str },
    #[error(
        "An entry with type '{found}' was found, but it is not assignable to the expected type \
         '{expected}'. The type specified in the entry must be equal to either the expected type \
         or a derived type. ('@odata.type')"
    )]
    TypeMismatch { found: String, expected: String },
    #[error(
        "A type named '{found}' could not be resolved by the model. When a model is available, \
         each type name must resolve to a valid type. ('@odata.type'; the namespace is \
         {namespace})"
    )]
    TypeUnknown { found: String, namespace: &'static str },
    #[error("The annotation '@odata.type' is not a string.")]
    TypeNotString,
    #[error(
        "The property '{name}' does not exist on type '{of}'. Make sure to only use property names \
         that are defined by the type."
    )]
    PropertyUnknown { name: String, of: String },
    #[error("The property '{name}' is given more than once.")]
    Repeated { name: String },
    #[error("The property '{property}' must be given.")]
    PropertyMissing { property: &'static str },
    #[error(
        "The property 'id' must have 1 to {limit} characters, none of them '/' or a control \
         character."
    )]
    Id { limit: usize },
    #[error(
        "The property '{property}' names a group of more than 200 characters, or one with '/' or a \
         control character."
    )]
    GroupName { property: &'static str },
    #[error("The navigation property '{name}' must be an array, not {found}.")]
    NavigationNotArray { name: String, found: &'static str },
    #[error(
        "The navigation property '{name}' cannot be written in this body. Update it on its own \
         path."
    )]
    NavigationOnItsOwn { name: String },
    #[error("The navigation property '{name}' is read-only.")]
    NavigationReadOnly { name: String },
    #[error(
        "The navigation property '{name}' cannot be written in this body. Refer to an existing \
         entity with '{name}@odata.bind'."
    )]
    NavigationByReference { name: String },
    #[error(
        "The navigation property '{name}' cannot be written in an update. Create, update and \
         delete its entities with requests of their own."
    )]
    NavigationInUpdate { name: &'static str },
    #[error(
        "'{name}@odata.bind' names no {entity_type} of this service: '{}'. Send the path \
         {set}('{{id}}'), or an http or https URL with this path.",
        cut(url, URL)
    )]
    ReferenceInvalid { name: String, entity_type: &'static str, set: String, url: String },
    #[error(
        "'{name}@odata.bind' is not supported: '{name}' does not refer to an entity of another \
         collection."
    )]
    NotBindable { name: String },
    #[error("'{name}@odata.bind' names a {entity_type} that does not exist: '{}'.", cut(id, URL))]
    ReferenceMissing { name: &'static str, entity_type: &'static str, id: String },
    #[error("'{name}@odata.bind' must be a URL in a string, not {found}.")]
    ReferenceNotUrl { name: String, found: &'static str },
    #[error("The body describes more than {limit} entities.")]
    TooManyEntities { limit: usize },
    #[error("The parameter '{name}' does not exist on action '{action}'. It has {parameters}.")]
    ParameterUnknown { name: String, action: &'static str, parameters: String },
    #[error("The parameter '{name}' is given more than once.")]
    ParameterRepeated { name: String },
    #[error("The action '{action}' needs a parameter: {parameters}.")]
    ParameterMissing { action: &'static str, parameters: String },
    #[error("The parameter '{name}' must be an array, not {found}.")]
    ParameterNotArray { name: String, found: &'static str },
    #[error("The parameter '{name}' has more than {limit} items.")]
    ParameterTooLong { name: &'static str, limit: usize },
}

impl BodyReason {
    /// The reason without the places that it is at.
    #[must_use]
    pub fn innermost(&self) -> &Self {
        match self {
            Self::Item { reason, .. } => reason.innermost(),
            _ => self,
        }
    }
}
