//! Reads expressions that are values, each with its type, so that operands which cannot be compared
//! are refused here and not by the database.

use super::cast;
use super::condition;
use super::function;
use super::is_of;
use super::literal;
use super::scope::{Found, Planner, Scope};
use super::term::{Function, Operand, Term, TermKind, Type, refuse};
use crate::error::{ExpressionReason, Result};
use crate::model::{Edm, EntityType};
use crate::odata::{Arithmetic, Expression, ExpressionKind, PropertyPath};

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
        ExpressionKind::Path(path) => property(path, at, scope, planner)?,
        ExpressionKind::Count { collection, filter } => {
            (Type::Number, count(collection, filter.as_deref(), at, scope, planner)?)
        }
        ExpressionKind::Call { name, arguments } if name.text.eq_ignore_ascii_case(is_of::NAME) => {
            return Ok(Operand::Term(Term::truth(is_of::is_of(arguments, at, scope, planner)?)));
        }
        ExpressionKind::Call { name, arguments } if name.text.eq_ignore_ascii_case(cast::NAME) => {
            let [value, to] = &arguments[..] else {
                return Err(refuse(at, cast::argument_count(arguments.len())));
            };
            let to = cast::target(to)?;
            return cast::cast(operand(value, scope, planner)?, value.at, to).map(Operand::Term);
        }
        ExpressionKind::Call { name, arguments } => {
            let signature = function::find(&name.text, arguments.len(), at)?;
            check_call(&name.text, at, planner)?;
            let mut terms = Vec::new();
            for argument in arguments {
                terms.push((operand(argument, scope, planner)?, argument.at));
            }
            return function::call(signature, terms, planner.now).map(Operand::Term);
        }
        ExpressionKind::Negate(inner) => {
            let inner = term(inner, scope, planner)?;
            if !matches!(inner.of, Type::Number | Type::Duration) {
                return Err(refuse(at, ExpressionReason::NotNegatable));
            }
            (inner.of, TermKind::Negate(Box::new(inner)))
        }
        ExpressionKind::Calculate { operator, left, right } => {
            let (left, right) = (operand(left, scope, planner)?, operand(right, scope, planner)?);
            let (left, right) = sides(left, right)?;
            let of = calculated(*operator, left.of, right.of).ok_or_else(|| {
                let (operator, left, right) =
                    (operator.word(), left.type_name(), right.type_name());
                refuse(at, ExpressionReason::NotCalculable { operator, left, right })
            })?;
            let whole = is_whole(&left) && is_whole(&right);
            let operator = match operator {
                Arithmetic::Div if !whole => Arithmetic::DivBy,
                operator => *operator,
            };
            (of, TermKind::Calculate(operator, Box::new(left), Box::new(right)))
        }
        ExpressionKind::Any { .. }
        | ExpressionKind::All { .. }
        | ExpressionKind::Not(_)
        | ExpressionKind::Compare { .. }
        | ExpressionKind::Has { .. }
        | ExpressionKind::In { .. }
        | ExpressionKind::And(_)
        | ExpressionKind::Or(_) => {
            let condition = condition::of_expression(expression, scope, planner)?;
            return Ok(Operand::Term(Term::truth(condition)));
        }
    };
    Ok(Operand::Term(Term { of, kind }))
}

/// The property that a path leads to, with its type.
fn property(
    path: &PropertyPath,
    at: usize,
    scope: &Scope,
    planner: &mut Planner,
) -> Result<(Type, TermKind)> {
    match scope.find(path, planner)? {
        Found::Value(read, Edm::DateTimeOffset | Edm::Duration) if !read.members.is_empty() => {
            let property = read.members[read.members.len() - 1].name;
            Err(refuse(at, ExpressionReason::TimeInComplex { property }))
        }
        Found::Value(read, edm) => Ok((type_of(edm, at)?, TermKind::Property(read))),
        Found::Collection(_, navigation) => {
            Err(refuse(at, ExpressionReason::NotSingle { collection: navigation.name }))
        }
    }
}

/// The values left and right of an operator that calculates.
fn sides(left: Operand<'_>, right: Operand<'_>) -> Result<(Term, Term)> {
    Ok(match (left, right) {
        (Operand::Term(left), Operand::Term(right)) => (left, right),
        (Operand::Term(left), Operand::Literal(right, at)) => {
            let right = literal::beside(right, at, left.of)?;
            (left, right)
        }
        (Operand::Literal(left, at), Operand::Term(right)) => {
            (literal::beside(left, at, right.of)?, right)
        }
        (Operand::Literal(left, left_at), Operand::Literal(right, right_at)) => {
            literal::both(left, left_at, right, right_at)?
        }
    })
}

/// The number of items of a collection, or of the entities that a filter lets pass.
fn count(
    collection: &PropertyPath,
    filter: Option<&Expression>,
    at: usize,
    scope: &Scope,
    planner: &mut Planner,
) -> Result<TermKind> {
    let (read, navigation) = match scope.find(collection, planner)? {
        Found::Collection(read, navigation) => (read, navigation),
        Found::Value(read, edm) if edm.is_collection() => {
            condition::check_start(&read, scope, at)?;
            return match filter {
                None => Ok(TermKind::Items(read)),
                Some(_) => Err(refuse(at, ExpressionReason::FilterOfItems)),
            };
        }
        Found::Value(..) => return Err(refuse(at, ExpressionReason::CountOfValue)),
    };
    condition::check_start(&read, scope, at)?;
    let Some(filter) = filter else { return Ok(TermKind::Count(read, navigation)) };
    condition::next_range(at, planner)?;
    let inner = scope.of_counted(navigation.target);
    let condition = condition::of_expression(filter, &inner, planner)?;
    Ok(TermKind::CountOf(read, navigation, Box::new(condition)))
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
        TermKind::Property(read) => matches!(read.edm(), Edm::Int32 | Edm::Int64),
        TermKind::Call(function, _) => {
            !matches!(function, Function::FractionalSeconds | Function::Round)
        }
        TermKind::Calculate(operator, left, right) => {
            *operator != Arithmetic::DivBy && is_whole(left) && is_whole(right)
        }
        TermKind::Negate(inner) => is_whole(inner),
        TermKind::Count(..) | TermKind::CountOf(..) | TermKind::Items(_) => true,
        TermKind::Cast(_, to) => to.is_whole(),
        TermKind::Text(_)
        | TermKind::Member(..)
        | TermKind::Boolean(_)
        | TermKind::Ticks(..)
        | TermKind::Condition(_)
        | TermKind::Null => false,
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
