//! The expression language of `$filter` and `$orderby`: text → a tree. Knows no entity type.

mod alias;
mod filter;
mod lexer;
mod literal;
mod member;
mod operator;
mod parser;
mod source;
mod tree;

#[cfg(test)]
mod round_trip;
#[cfg(test)]
pub(crate) mod testing;

pub use literal::Literal;
pub use member::MAX_LIST_ITEMS;
pub use parser::MAX_NODES;
pub use source::MAX_LENGTH;
pub use tree::{
    Arithmetic, Comparison, Expression, ExpressionKind, List, ListItem, MAX_HEIGHT, Name,
    Predicate, PropertyPath,
};

pub(super) use alias::Aliases;
pub(super) use filter::filter;
pub(super) use lexer::TokenKind;
pub(super) use parser::Parser;
pub(super) use source::Source;
