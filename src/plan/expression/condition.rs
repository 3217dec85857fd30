//! Expressions that are conditions. A comparison with null is true or false, never null; a function
//! of null is null, which is neither true nor, negated, true.

use super::literal;
use super::operand::operand;
use super::scope::{Found, Item, Planner, PropertyRead, Row, Scope};
use super::term::{Operand, Term, TermKind, Type, refuse};
use crate::error::{ExpressionReason, Result};
use crate::model::{Edm, EntityType, Navigation};
use crate::odata::{
    Comparison, Expression, ExpressionKind, List, Literal, Predicate, PropertyPath,
};

/// How many `any`, `all` and filtered `/$count` one request may have. The database plans a join for
/// each lambda and compares the orders of the joins: one second for 32, and more than the statement
/// timeout for 64.
const MAX_LAMBDAS: usize = 16;

/// A condition on an entity.
#[derive(Clone, Debug)]
pub enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// The condition is false or null.
    IsNotTrue(Box<Condition>),
    /// A comparison, which is false if one of the values is null.
    Compare(Comparison, Term, Term),
    EqualOrBothNull(Term, Term),
    IsNull(Term),
    /// The value is one of the list.
    In(Term, Vec<Term>),
    /// A boolean value.
    Truth(Term),
    /// A complex value is of the type to which its path casts it, and not null.
    IsOf(PropertyRead),
    /// A collection has an item, which satisfies the condition if one is given.
    Exists(Range, Option<Box<Condition>>),
    Constant(bool),
}

/// The collection of a lambda, and the number of its variable.
#[derive(Clone, Debug)]
pub struct Range {
    pub item: usize,
    pub read: PropertyRead,
    pub of: RangeOf,
}

/// The kind of a collection in a condition.
#[derive(Clone, Copy, Debug)]
pub enum RangeOf {
    /// The entities of a contained navigation.
    Entities(&'static Navigation),
    /// A property of type `Collection(Edm.String)`.
    Texts,
    /// A property that is a collection of complex values.
    Complexes,
}

impl Condition {
    /// Both of two conditions, each of which may be missing.
    pub(in crate::plan) fn both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(Self::And(vec![one, other])),
            (one, other) => one.or(other),
        }
    }

    /// The property of an index of which all entities that satisfy the condition are one range.
    pub(in crate::plan) fn range(&self) -> Option<&Term> {
        match self {
            Self::And(parts) => parts.iter().find_map(Self::range),
            Self::Compare(_, left, right) => {
                let sides = [(left, right), (right, left)];
                let indexed =
                    |(own, other): &(&Term, &Term)| own.is_indexed() && other.is_constant();
                sides.into_iter().find(indexed).map(|(own, _)| own)
            }
            _ => None,
        }
    }
}

/// The condition of a `$filter`.
pub(in crate::plan) fn condition(
    expression: &Expression,
    entity_type: &'static EntityType,
    planner: &mut Planner,
) -> Result<Condition> {
    of_expression(expression, &Scope::of(entity_type), planner)
}

/// The condition that an expression is in a scope.
pub(super) fn of_expression(
    expression: &Expression,
    scope: &Scope,
    planner: &mut Planner,
) -> Result<Condition> {
    let at = expression.at;
    let mut all = |parts: &[Expression]| {
        parts.iter().map(|part| of_expression(part, scope, planner)).collect::<Result<Vec<_>>>()
    };
    match &expression.kind {
        ExpressionKind::And(parts) => all(parts).map(Condition::And),
        ExpressionKind::Or(parts) => all(parts).map(Condition::Or),
        ExpressionKind::Not(inner) => {
            of_expression(inner, scope, planner).map(|inner| Condition::Not(Box::new(inner)))
        }
        ExpressionKind::Compare { operator, left, right } => {
            let (left, right) = (operand(left, scope, planner)?, operand(right, scope, planner)?);
            compare(*operator, left, right, at)
        }
        ExpressionKind::In { value, list } => in_list(value, list, at, scope, planner),
        ExpressionKind::Has { .. } => Err(refuse(at, ExpressionReason::Has)),
        ExpressionKind::Any { collection, predicate } => {
            exists(collection, predicate.as_ref(), false, at, scope, planner)
        }
        ExpressionKind::All { collection, predicate } => {
            let counterexample = exists(collection, Some(predicate), true, at, scope, planner)?;
            Ok(Condition::Not(Box::new(counterexample)))
        }
        ExpressionKind::Literal(Literal::Boolean(truth)) => Ok(Condition::Constant(*truth)),
        _ => match operand(expression, scope, planner)? {
            Operand::Term(Term { kind: TermKind::Condition(condition), .. }) => Ok(*condition),
            Operand::Term(Term { kind: TermKind::Boolean(truth), .. }) => {
                Ok(Condition::Constant(truth))
            }
            Operand::Term(term) if matches!(term.of, Type::Boolean) => Ok(Condition::Truth(term)),
            _ => Err(refuse(at, ExpressionReason::NotCondition)),
        },
    }
}

fn compare(
    operator: Comparison,
    left: Operand<'_>,
    right: Operand<'_>,
    at: usize,
) -> Result<Condition> {
    let (left, right) = match (left, right) {
        (Operand::Literal(Literal::Null, _), Operand::Literal(Literal::Null, _)) => {
            return Ok(Condition::Constant(matches!(operator, Comparison::Eq)));
        }
        (Operand::Literal(Literal::Null, _), other)
        | (other, Operand::Literal(Literal::Null, _)) => {
            return compare_with_null(operator, other);
        }
        (Operand::Literal(left, left_at), Operand::Literal(right, right_at)) => {
            literal::both(left, left_at, right, right_at)?
        }
        (Operand::Literal(left, left_at), Operand::Term(right)) => {
            (literal::like(left, left_at, &right)?, right)
        }
        (Operand::Term(left), Operand::Literal(right, right_at)) => {
            let right = literal::like(right, right_at, &left)?;
            (left, right)
        }
        (Operand::Term(left), Operand::Term(right)) => (left, right),
    };
    if !left.of.fits(right.of) {
        let (operator, left, right) = (operator.word(), left.type_name(), right.type_name());
        return Err(refuse(at, ExpressionReason::NotComparable { operator, left, right }));
    }
    let may_be_null = !left.is_literal() && !right.is_literal();
    Ok(match operator {
        Comparison::Eq if may_be_null => Condition::EqualOrBothNull(left, right),
        Comparison::Ne if may_be_null => {
            Condition::Not(Box::new(Condition::EqualOrBothNull(left, right)))
        }
        Comparison::Ne => Condition::Not(Box::new(Condition::Compare(Comparison::Eq, left, right))),
        operator => Condition::Compare(operator, left, right),
    })
}

fn compare_with_null(operator: Comparison, other: Operand<'_>) -> Result<Condition> {
    let is_null = match other {
        Operand::Term(term) => Condition::IsNull(term),
        Operand::Literal(literal, at) => {
            literal::natural(literal, at)?;
            Condition::Constant(false)
        }
    };
    Ok(match operator {
        Comparison::Eq => is_null,
        Comparison::Ne => Condition::Not(Box::new(is_null)),
        _ => Condition::Constant(false),
    })
}

fn in_list(
    value: &Expression,
    list: &List,
    at: usize,
    scope: &Scope,
    planner: &mut Planner,
) -> Result<Condition> {
    let List::Items(items) = list else {
        return Err(refuse(at, ExpressionReason::InWithoutList));
    };
    let value = match operand(value, scope, planner)? {
        Operand::Term(term) => term,
        Operand::Literal(literal, at) => literal::natural(literal, at)?,
    };
    let (nulls, items): (Vec<_>, Vec<_>) =
        items.iter().partition(|item| item.literal == Literal::Null);
    let terms = items.iter().map(|item| literal::like(&item.literal, item.at, &value));
    let mut terms = terms.collect::<Result<Vec<Term>>>()?;
    let is_null = (!nulls.is_empty()).then(|| Condition::IsNull(value.clone()));
    let is_one = match terms.pop() {
        // An index of two columns serves an equality better than a list.
        Some(only) if terms.is_empty() => Condition::Compare(Comparison::Eq, value, only),
        last => {
            terms.extend(last);
            Condition::In(value, terms)
        }
    };
    Ok(match is_null {
        None => is_one,
        Some(is_null) => Condition::Or(vec![is_null, is_one]),
    })
}

/// The condition that a collection has an item which satisfies the predicate, or (`negated`) does
/// not satisfy it.
fn exists(
    collection: &PropertyPath,
    predicate: Option<&Predicate>,
    negated: bool,
    at: usize,
    scope: &Scope,
    planner: &mut Planner,
) -> Result<Condition> {
    let (read, of, item) = match scope.find(collection, planner)? {
        Found::Collection(read, navigation) => {
            (read, RangeOf::Entities(navigation), Item::Entity(navigation.target))
        }
        Found::Value(read, Edm::Strings) => (read, RangeOf::Texts, Item::Text),
        Found::Value(read, Edm::Complexes(of)) => (read, RangeOf::Complexes, Item::Complex(of)),
        Found::Value(..) => return Err(refuse(at, ExpressionReason::NotCollection)),
    };
    check_start(&read, scope, at)?;
    let range = Range { item: next_range(at, planner)?, read, of };
    let Some(predicate) = predicate else { return Ok(Condition::Exists(range, None)) };
    let inner = scope.with_variable(&predicate.variable.text, range.item, item);
    let condition = of_expression(&predicate.condition, &inner, planner)?;
    // `all` is also false for an item for which the predicate is null.
    let condition = if negated { Condition::IsNotTrue(Box::new(condition)) } else { condition };
    Ok(Condition::Exists(range, Some(Box::new(condition))))
}

/// Refuses a collection inside of a lambda that does not begin with a variable: the database would
/// combine all of its items with each item of the lambda.
pub(super) fn check_start(read: &PropertyRead, scope: &Scope, at: usize) -> Result<()> {
    match scope.in_lambda && read.row == Row::Entity {
        true => Err(refuse(at, ExpressionReason::CollectionWithoutVariable)),
        false => Ok(()),
    }
}

/// The number of the next lambda or filtered `/$count`.
pub(super) fn next_range(at: usize, planner: &mut Planner) -> Result<usize> {
    let number = planner.ranges;
    planner.ranges += 1;
    match planner.ranges <= MAX_LAMBDAS {
        true => Ok(number),
        false => Err(refuse(at, ExpressionReason::TooManyLambdas { limit: MAX_LAMBDAS })),
    }
}
