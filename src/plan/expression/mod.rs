//! Expressions with types: names looked up in the model, operands compared with operands of their own
//! type. Knows no SQL.

mod condition;
mod function;
mod literal;
mod scope;
mod term;

pub(super) use condition::condition;
pub use condition::{Condition, Range, RangeOf};
pub use function::Function;
pub use scope::{PropertyRead, Reader, Row};
pub(super) use term::order_term;
pub use term::{Term, TermKind, Type};
