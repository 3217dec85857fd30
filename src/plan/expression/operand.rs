//! Reads expressions that are values, each with its type, so that operands which cannot be compared
//! are refused here and not by the database.

use super::function;
use super::literal;
use super::scope::{Found, Planner, Scope};
use super::term::{Function, Operand, Term, TermKind, Type, refuse};
use crate::error::{ExpressionReason, Result};
use crate::model::{Edm, EntityType};
use crate::odata::{Arithmetic, Expression, ExpressionKind};

/// How many `concat` one request may have: texts may be large, and each doubles them.
const MAX_CONCATENATIONS: usize = 8;

/// Reads an expression as a value.
pub(in crate::plan) fn operand<'a>(
    expression: &'a Expression,
    scope: &Scope,
    planner: &mut Planner,
) -> Result<Operand<'a>> {
    let at = expression.at;
    let (of, kind) = match &expression.kind {
        ExpressionKind::Literal(literal) => return Ok(Operand::Literal(literal, at)),
        ExpressionKind::Path(path) => match scope.find(path, planner)? {
            Found::Value(read, Edm::DateTimeOffset | Edm::Duration) if !read.members.is_empty() => {
                let property = read.members[read.members.len() - 1].name;
                return Err(refuse(at, ExpressionReason::TimeInComplex { property }));
            }
            Found::Value(read, edm) => (type_of(edm, at)?, TermKind::Property(read)),
            Found::Collection(..) => return Err(refuse(at, ExpressionReason::NotSingle)),
        },
        ExpressionKind::Count(path) => match scope.find(path, planner)? {
            Found::Collection(read, navigation) => {
                (Type::Number, TermKind::Count(read, navigation))
            }
            Found::Value(..) => {
                return Err(refuse(at, ExpressionReason::CountOfValue));
            }
        },
        ExpressionKind::Call { name, arguments } => {
            check_call(&name.text, at, planner)?;
            let mut terms = Vec::new();
            for argument in arguments {
                terms.push((operand(argument, scope, planner)?, argument.at));
            }
            return function::call(&name.text, at, terms, planner.now).map(Operand::Term);
        }
        ExpressionKind::Negate(inner) => {
            let inner = term(inner, scope, planner)?;
            if !matches!(inner.of, Type::Number | Type::Duration) {
                return Err(refuse(at, ExpressionReason::NotNegatable));
            }
            (inner.of, TermKind::Negate(Box::new(inner)))
        }
        ExpressionKind::Calculate { operator, left, right } => {
            let (left, right) = (term(left, scope, planner)?, term(right, scope, planner)?);
            let of = calculated(*operator, left.of, right.of).ok_or_else(|| {
                let (operator, left, right) = (operator.word(), left.of.name(), right.of.name());
                refuse(at, ExpressionReason::NotCalculable { operator, left, right })
            })?;
            let whole = is_whole(&left) && is_whole(&right);
            let operator = match operator {
                Arithmetic::Div if !whole => Arithmetic::DivBy,
                operator => *operator,
            };
            (of, TermKind::Calculate(operator, Box::new(left), Box::new(right)))
        }
        _ => return Err(refuse(at, ExpressionReason::NotValue)),
    };
    Ok(Operand::Term(Term { of, kind }))
}

/// Reads an expression as a value whose literals have the type that they look like.
pub(in crate::plan) fn term(
    expression: &Expression,
    scope: &Scope,
    planner: &mut Planner,
) -> Result<Term> {
    match operand(expression, scope, planner)? {
        Operand::Term(term) => Ok(term),
        Operand::Literal(literal, at) => literal::natural(literal, at),
    }
}

/// A key of `$orderby`.
pub(in crate::plan) fn order_term(
    expression: &Expression,
    entity_type: &'static EntityType,
    planner: &mut Planner,
) -> Result<Term> {
    planner.in_order = true;
    let term = term(expression, &Scope::of(entity_type), planner);
    planner.in_order = false;
    term
}

/// Refuses a call that would cost too much, or an order that changes from page to page.
fn check_call(name: &str, at: usize, planner: &mut Planner) -> Result<()> {
    if planner.in_order && name.eq_ignore_ascii_case("now") {
        return Err(refuse(at, ExpressionReason::NowInOrder));
    }
    planner.concatenations += usize::from(name.eq_ignore_ascii_case("concat"));
    match planner.concatenations <= MAX_CONCATENATIONS {
        true => Ok(()),
        false => Err(refuse(at, ExpressionReason::TooManyConcat { limit: MAX_CONCATENATIONS })),
    }
}

/// Whether a number is whole by its type, so that `div` is a division without remainder.
fn is_whole(term: &Term) -> bool {
    match &term.kind {
        TermKind::Number(text) => !text.contains(['.', 'e', 'E']),
        TermKind::Property(read) => {
            let edm = read.members.last().copied().or(read.property).map(|it| it.edm);
            matches!(edm, Some(Edm::Int32 | Edm::Int64))
        }
        TermKind::Call(function, _) => {
            !matches!(function, Function::FractionalSeconds | Function::Round)
        }
        TermKind::Calculate(operator, left, right) => {
            *operator != Arithmetic::DivBy && is_whole(left) && is_whole(right)
        }
        TermKind::Negate(inner) => is_whole(inner),
        TermKind::Count(..) => true,
        TermKind::Text(_) | TermKind::Member(..) | TermKind::Boolean(_) | TermKind::Ticks(..) => {
            false
        }
    }
}

fn type_of(edm: Edm, at: usize) -> Result<Type> {
    match edm {
        Edm::String => Ok(Type::Text),
        Edm::Boolean => Ok(Type::Boolean),
        Edm::Int32 | Edm::Int64 | Edm::Double => Ok(Type::Number),
        Edm::DateTimeOffset => Ok(Type::Instant),
        Edm::Duration => Ok(Type::Duration),
        Edm::Enum(enumeration) => Ok(Type::Enum(enumeration)),
        Edm::Binary | Edm::Strings | Edm::Enums(_) | Edm::Complex(_) | Edm::Complexes(_) => {
            Err(refuse(at, ExpressionReason::NotSortable { of: edm.name() }))
        }
    }
}

fn calculated(operator: Arithmetic, left: Type, right: Type) -> Option<Type> {
    use Arithmetic::{Add, Sub};
    match (operator, left, right) {
        (_, Type::Number, Type::Number) => Some(Type::Number),
        (Add | Sub, Type::Duration, Type::Duration) => Some(Type::Duration),
        (Add | Sub, Type::Instant, Type::Duration) => Some(Type::Instant),
        (Sub, Type::Instant, Type::Instant) => Some(Type::Duration),
        _ => None,
    }
}
