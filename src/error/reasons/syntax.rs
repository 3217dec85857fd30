//! What is wrong with the syntax of a query option's value. The option and the column stand before
//! each text.

use super::{NAME, cut};

/// What is wrong with the syntax.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SyntaxReason {
    #[error("found {} where {expected} was expected", found_text(found))]
    Unexpected { found: String, expected: &'static str },
    #[error("'{}' is not supported", cut(found, NAME))]
    Unsupported { found: String },
    #[error("the function 'case' is not supported")]
    Case,
    #[error("the string that begins here has no closing quote")]
    OpenString,
    #[error("there is no '(' for this ')'")]
    NotOpened,
    #[error("there is no ')' for this '('")]
    NotClosed,
    #[error("there are more than {limit} operators, names and literals")]
    TooManyNodes { limit: usize },
    #[error("operators and parentheses nest deeper than {limit}")]
    TooDeep { limit: usize },
    #[error("a list has more than {limit} items")]
    ListTooLong { limit: usize },
    #[error("there are more than {limit} keys")]
    TooManyKeys { limit: usize },
    #[error("$expand nests deeper than {limit}")]
    ExpandTooDeep { limit: usize },
    #[error("there are more than {limit} items")]
    TooManyItems { limit: usize },
    #[error("'*' has no options: name the navigation property that they are for")]
    StarOptions,
    #[error("'*' is given more than once")]
    StarRepeated,
    #[error(
        "the option '{}' is not supported here. Supported options are {supported}",
        cut(name, NAME)
    )]
    ExpandOption { name: String, supported: String },
}

fn found_text(found: &str) -> String {
    match found {
        "" => "the end".into(),
        found => format!("'{}'", cut(found, NAME)),
    }
}
