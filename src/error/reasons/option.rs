//! What is wrong with a query option, by its name. Columns count from 1, in the decoded value.

use super::{ExpressionReason, NAME, SyntaxReason, cut, option_name};

/// What is wrong with a query option.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OptionReason {
    #[error(
        "The query option '{}' is not supported. Supported options are {supported}.",
        option_name(name)
    )]
    Unknown { name: String, supported: &'static str },
    #[error(
        "The query option '{name}' is not supported on this request. {}",
        supported_here(supported)
    )]
    NotHere { name: &'static str, supported: &'static [&'static str] },
    #[error(
        "The query option '{name}' is not supported inside $expand={navigation}, which leads to \
         one entity. {}",
        supported_here(supported)
    )]
    NotInExpand { name: &'static str, navigation: &'static str, supported: &'static [&'static str] },
    #[error("The query option '{}' is given more than once.", option_name(name))]
    Repeated { name: String },
    #[error("The parameter alias '{}' is given, but no option uses it.", option_name(name))]
    AliasUnused { name: String },
    #[error("The value of {} is longer than the limit of {limit} bytes.", option_name(name))]
    TooLong { name: String, limit: usize },
    #[error("The value '{}' of ${name} is not a whole number from 0 to {most}.", cut(value, NAME))]
    NotWholeNumber { name: String, value: String, most: u32 },
    #[error("The value '{}' of ${name} is neither 'true' nor 'false'.", cut(value, NAME))]
    NotBoolean { name: String, value: String },
    #[error("The value of $select must be a list of property names with commas between them.")]
    NotNames,
    #[error("The value of {} is not valid at column {column}: {reason}.", option_name(name))]
    Syntax { name: String, column: usize, reason: SyntaxReason },
    #[error("The expression is not valid at column {column}: {reason}.")]
    Expression { column: usize, reason: ExpressionReason },
    #[error("Could not find a property named '{name}' on type '{of}', at column {column}.")]
    PropertyUnknown { name: String, of: String, column: usize },
    #[error("'{name}' at column {column} follows a value that has no properties.")]
    NoProperties { name: String, column: usize },
    #[error(
        "'{collection}' is a collection: use any or all to ask about '{name}' at column {column}."
    )]
    PropertyOfCollection { collection: String, name: String, column: usize },
    #[error(
        "A {entity_type} is an entity, not a value that can be compared or sorted: name one of its \
         properties, such as its id."
    )]
    EntityAsValue { entity_type: &'static str },
    #[error(
        "Could not find a property named '{name}' on type '{of}', in $select. It has {properties}."
    )]
    SelectUnknown { name: String, of: String, properties: String },
    #[error(
        "Could not find a navigation property named '{name}' on type '{of}', in $expand. It has \
         {navigations}."
    )]
    ExpandUnknown { name: String, of: String, navigations: String },
    #[error("'{name}' is given more than once in $expand.")]
    ExpandRepeated { name: &'static str },
    #[error(
        "$expand takes one name at a time: write '{first}($expand={second}…)' instead of a path."
    )]
    ExpandPath { first: String, second: String },
    #[error(
        "$expand asks for up to {rows} entities with each one, and {limit} is the limit. Lower \
         $top inside it."
    )]
    ExpandTooLarge { rows: u64, limit: u64 },
    #[error(
        "The value of $skiptoken was not made by this service for this collection, filter and \
         order. Follow @odata.nextLink as it is."
    )]
    SkipToken,
}

fn supported_here(supported: &[&str]) -> String {
    match supported {
        [one] => format!("Only {one} is supported here."),
        several => format!("Supported options here are {}.", several.join(", ")),
    }
}
