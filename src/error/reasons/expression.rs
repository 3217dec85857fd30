//! What does not fit the model in an expression: names, types and functions. The column stands
//! before each text.

use super::{LITERAL, NAME, cut};

/// What does not fit in an expression.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExpressionReason {
    #[error("'has' is not supported: no enumeration of this service has flags")]
    Has,
    #[error("found a value where a condition was expected")]
    NotCondition,
    #[error("'{collection}' is a collection, not a value: use any, all or /$count")]
    NotSingle { collection: &'static str },
    #[error("any and all need a collection")]
    NotCollection,
    #[error("inside of any and all, a collection must begin with a variable")]
    CollectionWithoutVariable,
    #[error("/$count needs a collection")]
    CountOfValue,
    #[error("only the /$count of a navigation property can have a filter")]
    FilterOfItems,
    #[error("'in' needs a list of literals; use any to ask about a collection")]
    InWithoutList,
    #[error("'{operator}' cannot compare '{left}' with '{right}'")]
    NotComparable { operator: &'static str, left: String, right: String },
    #[error("'{operator}' cannot combine '{left}' with '{right}'")]
    NotCalculable { operator: &'static str, left: String, right: String },
    #[error("only a number or a duration can be negated")]
    NotNegatable,
    #[error("a value of type '{of}' cannot be compared or sorted")]
    NotSortable { of: String },
    #[error("'{property}', a time inside a complex value, is not supported")]
    TimeInComplex { property: &'static str },
    #[error("now() is not allowed in $orderby: its value differs from page to page")]
    NowInOrder,
    #[error("there are more than {limit} 'concat'")]
    TooManyConcat { limit: usize },
    #[error("there are more than {limit} 'any', 'all' and '/$count' with a filter")]
    TooManyLambdas { limit: usize },
    #[error("there is no function '{}'. Supported functions are {supported}", cut(name, NAME))]
    FunctionUnknown { name: String, supported: String },
    #[error("'{function}' takes {}, not {given}", arguments(*least, *most))]
    ArgumentCount { function: &'static str, least: usize, most: usize, given: usize },
    #[error("'{function}' does not accept a value of type '{of}' here")]
    ArgumentType { function: &'static str, of: String },
    #[error("'{function}' does not accept a negative length")]
    NegativeLength { function: &'static str },
    #[error("'{function}' needs a property or a literal, not a calculation")]
    ArgumentCalculated { function: &'static str },
    #[error("'cast' needs the name of a primitive type here, such as Edm.String")]
    CastTarget,
    #[error(
        "'isof' needs a complex value and, after it, the name of its type or of a type derived from it"
    )]
    IsOf,
    #[error("'cast' to '{}' is not supported. Supported types are {supported}", cut(name, NAME))]
    CastType { name: String, supported: String },
    #[error("'cast' cannot make '{to}' of '{from}'")]
    CastPair { from: String, to: &'static str },
    #[error("a text cannot have the character U+0000")]
    NullCharacter,
    #[error("the literal {} has no type here", cut(literal, LITERAL))]
    LiteralUntyped { literal: String },
    #[error("{} is not a literal of type '{of}', which is {form}", cut(literal, LITERAL))]
    LiteralType { literal: String, of: String, form: LiteralForm },
    #[error("{} is not a member of '{of}'; its members are {members}", cut(literal, LITERAL))]
    MemberUnknown { literal: String, of: String, members: String },
}

fn arguments(least: usize, most: usize) -> String {
    match (least, most) {
        (0, 0) => "no arguments".into(),
        (1, 1) => "1 argument".into(),
        (least, most) if least == most => format!("{most} arguments"),
        (least, most) => format!("{least} or {most} arguments"),
    }
}

/// How a literal of a type is written.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum LiteralForm {
    #[error("a string in single quotes")]
    Text,
    #[error(
        "a date and time with its zone, such as 2017-01-01T00:02:58Z, or a date, such as 2017-01-01, \
         without quotes"
    )]
    Instant,
    #[error("a date, such as 2017-01-01, without quotes")]
    Date,
    #[error("a time, such as 12:30:00, without quotes")]
    TimeOfDay,
    #[error("a duration of less than 10675200 days, such as duration'PT1H'")]
    Duration,
    #[error("a number of up to 40 characters, with an exponent of up to 100")]
    Number,
    #[error("true or false")]
    Boolean,
    #[error("a member in single quotes")]
    Member,
}
