//! What is wrong with a query option, by its name. Columns count from 1, in the decoded value.

use std::fmt;

use super::{ExpressionReason, NAME, SyntaxReason, cut, option_name};

/// What is wrong with a query option.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OptionReason {
    #[error(
        "The query option '{}' is not supported on this request. {}",
        cut(name, NAME),
        supported_here(supported)
    )]
    Unsupported { name: String, supported: &'static [&'static str] },
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
    #[error(
        "The value '{}' of ${name} is neither a date-time such as 2026-01-31T12:00:00Z nor a date.",
        cut(value, NAME)
    )]
    NotInstant { name: String, value: String },
    #[error("The query options '{one}' and '{other}' exclude each other.")]
    Exclusive { one: &'static str, other: &'static str },
    #[error("The value of $select must be a list of property names with commas between them.")]
    NotNames,
    #[error("The value of {} is not valid at column {column}: {reason}.", option_name(name))]
    Syntax { name: String, column: usize, reason: SyntaxReason },
    #[error(
        "The value of ${} is not valid at {}column {}: {reason}.",
        place.option,
        alias_before(place),
        place.column
    )]
    Expression { place: Place, reason: ExpressionReason },
    #[error("Could not find a property named '{name}' on type '{of}', at {place}.")]
    PropertyUnknown { name: String, of: String, place: Place },
    #[error(
        "'{}' at {place} is a type cast, but a value of type '{of}' can only be cast to {types}.",
        cut(name, NAME)
    )]
    Cast { name: String, of: String, types: String, place: Place },
    #[error(
        "'{}' in ${option} is a type cast, but an entity of type '{of}' can only be cast to {of}.",
        cut(name, NAME)
    )]
    EntityCast { option: &'static str, name: String, of: String },
    #[error("'{name}' at {place} follows a value that has no properties.")]
    NoProperties { name: String, place: Place },
    #[error("'{collection}' is a collection: use any or all to ask about '{name}' at {place}.")]
    PropertyOfCollection { collection: String, name: String, place: Place },
    #[error(
        "A {entity_type}, at {place}, is an entity, not a value that can be compared or sorted: \
         name one of its properties, such as its id."
    )]
    EntityAsValue { entity_type: &'static str, place: Place },
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
    #[error("In $expand={}: {reason}", nested(navigations))]
    InExpand { navigations: Vec<String>, reason: Box<OptionReason> },
}

/// A place in an expression. The code that reads an expression knows the column alone; the code that
/// knows the options adds the rest.
#[derive(Clone, Debug, Default)]
pub struct Place {
    pub column: usize,
    /// The name of the option, without `$`.
    pub option: String,
    /// The parameter alias that is there instead of a literal, with `@`.
    pub alias: Option<String>,
}

impl Place {
    #[must_use]
    pub fn at(column: usize) -> Self {
        Self { column, ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "column {} of ${}", self.column, self.option)
    }
}

impl OptionReason {
    /// The place in an expression, if there is one.
    pub fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            Self::Expression { place, .. }
            | Self::PropertyUnknown { place, .. }
            | Self::Cast { place, .. }
            | Self::NoProperties { place, .. }
            | Self::PropertyOfCollection { place, .. }
            | Self::EntityAsValue { place, .. } => Some(place),
            _ => None,
        }
    }

    /// The same reason inside of the expansion of `navigation`. A column says already where it is: it
    /// counts in the whole value of `$expand`.
    pub(in crate::error) fn in_expand(mut self, navigation: &str) -> Self {
        if self.place_mut().is_some() {
            return self;
        }
        match self {
            Self::Syntax { .. } => self,
            Self::InExpand { mut navigations, reason } => {
                navigations.insert(0, navigation.to_owned());
                Self::InExpand { navigations, reason }
            }
            reason => {
                let navigations = vec![navigation.to_owned()];
                Self::InExpand { navigations, reason: Box::new(reason) }
            }
        }
    }
}

fn alias_before(place: &Place) -> String {
    let alias = place.alias.as_ref();
    alias.map_or_else(String::new, |alias| format!("'{}', ", cut(alias, NAME)))
}

/// `a($expand=b)`, the outermost navigation first.
fn nested(navigations: &[String]) -> String {
    let names: Vec<_> = navigations.iter().map(|name| cut(name, NAME)).collect();
    format!("{}{}", names.join("($expand="), ")".repeat(names.len().saturating_sub(1)))
}

fn supported_here(supported: &[&str]) -> String {
    match supported {
        [one] => format!("Only {one} is supported here."),
        several => format!("Supported options here are {}.", several.join(", ")),
    }
}
