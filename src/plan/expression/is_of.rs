//! `isof`: whether a complex value is of a type that is derived from the declared one. A question whose
//! answer is the same for all values is refused, except for the declared type itself.

use super::condition::Condition;
use super::scope::{Found, Planner, Scope};
use super::term::refuse;
use crate::error::{Error, ExpressionReason, Result};
use crate::model::Edm;
use crate::odata::{Expression, ExpressionKind, Literal, Name};

/// The name of the function.
pub(super) const NAME: &str = "isof";

/// The condition that a value, or without one the entity, is of a type.
pub(super) fn is_of(
    arguments: &[Expression],
    at: usize,
    scope: &Scope,
    planner: &mut Planner,
) -> Result<Condition> {
    let not_complex = |at| refuse(at, ExpressionReason::IsOf);
    match arguments {
        [of] => scope.check_type(&type_name(of)?).map(|()| Condition::Constant(true)),
        [value, of] => {
            let of = type_name(of)?;
            let ExpressionKind::Path(path) = &value.kind else { return Err(not_complex(value.at)) };
            let Found::Value(read, Edm::Complex(declared)) = scope.find(path, planner)? else {
                return Err(not_complex(value.at));
            };
            read.cast_to(declared, &of).map(|(read, _)| Condition::IsOf(read))
        }
        _ => Err(argument_count(arguments.len(), at)),
    }
}

/// The name of a type, with or without quotation marks.
fn type_name(expression: &Expression) -> Result<Name> {
    match &expression.kind {
        ExpressionKind::Path(path) if path.names.len() == 1 => Ok(path.names[0].clone()),
        ExpressionKind::Literal(Literal::String(text)) => {
            Ok(Name { text: text.clone(), at: expression.at })
        }
        _ => Err(refuse(expression.at, ExpressionReason::IsOf)),
    }
}

fn argument_count(given: usize, at: usize) -> Error {
    refuse(at, ExpressionReason::ArgumentCount { function: NAME, least: 1, most: 2, given })
}
