//! Expressions with types: names looked up in the model, operands compared with operands of their own
//! type. Knows no SQL.

mod cast;
mod condition;
mod function;
mod is_of;
mod literal;
mod operand;
mod scope;
mod term;

pub use cast::Primitive;
pub(super) use condition::condition;
pub use condition::{Condition, Range, RangeOf};
pub(super) use operand::order_term;
pub use scope::{Planner, PropertyRead, Row};
pub use term::{Function, Term, TermKind, Type};
