//! Expressions that are values: each with its type, so that what cannot be compared is refused here
//! and not by the database.

use super::function::{self, Function};
use super::literal;
use super::scope::{Found, PropertyRead, Reader, Row, Scope};
use crate::error::{Error, ExpressionReason, OptionReason, Result};
use crate::model::{Edm, EntityType, EnumType};
use crate::odata::{Arithmetic, Expression, ExpressionKind, Literal};

/// How many `concat` one request may have: texts may be large, and each doubles them.
const MAX_CONCATENATIONS: usize = 8;

/// A value in an expression.
#[derive(Clone, Debug)]
pub struct Term {
    /// Its type.
    pub of: Type,
    /// What it is.
    pub kind: TermKind,
}

/// The types of values in expressions.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `Edm.String`
    Text,
    /// `Edm.Boolean`
    Boolean,
    /// Any number.
    Number,
    /// `Edm.DateTimeOffset`
    Instant,
    /// `Edm.Date`
    Date,
    /// `Edm.TimeOfDay`
    TimeOfDay,
    /// `Edm.Duration`
    Duration,
    /// An enumeration.
    Enum(&'static EnumType),
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum TermKind {
    /// A text, or a member of an enumeration.
    Text(String),
    /// A decimal number, as it is written.
    Number(String),
    /// A truth.
    Boolean(bool),
    /// A time in units of 100 ns (a date in days), and the minutes of its offset.
    Ticks(i64, i16),
    /// What a property holds.
    Property(PropertyRead),
    /// What a function makes of its arguments.
    Call(Function, Vec<Term>),
    /// A sum, a product, …
    Calculate(Arithmetic, Box<Term>, Box<Term>),
    /// The opposite number.
    Negate(Box<Term>),
    /// How many entities a contained collection of the row has.
    Count(PropertyRead, &'static crate::model::Navigation),
}

/// An expression that may yet have to learn its type from what it meets.
pub(in crate::plan) enum Operand<'a> {
    Literal(&'a Literal, usize),
    Term(Term),
}

impl Type {
    /// How an error calls it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Text => "Edm.String".into(),
            Self::Boolean => "Edm.Boolean".into(),
            Self::Number => "Edm.Decimal".into(),
            Self::Instant => "Edm.DateTimeOffset".into(),
            Self::Date => "Edm.Date".into(),
            Self::TimeOfDay => "Edm.TimeOfDay".into(),
            Self::Duration => "Edm.Duration".into(),
            Self::Enum(enumeration) => Edm::Enum(enumeration).name(),
        }
    }

    /// Whether values of the two can be compared.
    #[must_use]
    pub(in crate::plan) fn fits(self, other: Self) -> bool {
        self.name() == other.name()
    }
}

impl Term {
    /// The key of an entity.
    pub(in crate::plan) fn key(entity_type: &'static EntityType) -> Self {
        let property = entity_type.property("id");
        let (row, through, members) = (Row::Entity, Vec::new(), Vec::new());
        let read = PropertyRead { row, entity_type, through, property, members };
        Self { of: Type::Text, kind: TermKind::Property(read) }
    }
}

/// Reads an expression as a value.
pub(in crate::plan) fn operand<'a>(
    expression: &'a Expression,
    scope: &Scope,
    reader: &mut Reader,
) -> Result<Operand<'a>> {
    let at = expression.at;
    let (of, kind) = match &expression.kind {
        ExpressionKind::Literal(literal) => return Ok(Operand::Literal(literal, at)),
        ExpressionKind::Path(path) => match scope.find(path, reader)? {
            Found::Value(read, Edm::DateTimeOffset) if !read.members.is_empty() => {
                let property = read.members[read.members.len() - 1].name;
                return Err(refuse(at, ExpressionReason::TimeInComplex { property }));
            }
            Found::Value(read, edm) => (type_of(edm, at)?, TermKind::Property(read)),
            Found::Collection(..) => return Err(refuse(at, ExpressionReason::NotSingle)),
        },
        ExpressionKind::Count(path) => match scope.find(path, reader)? {
            Found::Collection(read, navigation) => {
                (Type::Number, TermKind::Count(read, navigation))
            }
            Found::Value(..) => {
                return Err(refuse(at, ExpressionReason::CountOfValue));
            }
        },
        ExpressionKind::Call { name, arguments } => {
            check_call(&name.text, at, reader)?;
            let mut terms = Vec::new();
            for argument in arguments {
                terms.push((operand(argument, scope, reader)?, argument.at));
            }
            return function::call(&name.text, at, terms, reader.now).map(Operand::Term);
        }
        ExpressionKind::Negate(inner) => {
            let inner = term(inner, scope, reader)?;
            if !matches!(inner.of, Type::Number | Type::Duration) {
                return Err(refuse(at, ExpressionReason::NotNegatable));
            }
            (inner.of, TermKind::Negate(Box::new(inner)))
        }
        ExpressionKind::Calculate { operator, left, right } => {
            let (left, right) = (term(left, scope, reader)?, term(right, scope, reader)?);
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
    reader: &mut Reader,
) -> Result<Term> {
    match operand(expression, scope, reader)? {
        Operand::Term(term) => Ok(term),
        Operand::Literal(literal, at) => literal::natural(literal, at),
    }
}

/// A key of `$orderby`.
pub(in crate::plan) fn order_term(
    expression: &Expression,
    entity_type: &'static EntityType,
    reader: &mut Reader,
) -> Result<Term> {
    reader.in_order = true;
    let term = term(expression, &Scope::of(entity_type), reader);
    reader.in_order = false;
    term
}

/// Refuses what would cost too much, and an order that changes while it is paged through.
fn check_call(name: &str, at: usize, reader: &mut Reader) -> Result<()> {
    if reader.in_order && name.eq_ignore_ascii_case("now") {
        return Err(refuse(at, ExpressionReason::NowInOrder));
    }
    reader.concatenations += usize::from(name.eq_ignore_ascii_case("concat"));
    match reader.concatenations <= MAX_CONCATENATIONS {
        true => Ok(()),
        false => Err(refuse(at, ExpressionReason::TooManyConcat { limit: MAX_CONCATENATIONS })),
    }
}

/// Whether a number is a whole one by its type, so that `div` leaves the remainder away.
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
        TermKind::Text(_) | TermKind::Boolean(_) | TermKind::Ticks(..) => false,
    }
}

/// The error for a reason at a column of the option's value.
pub(in crate::plan) fn refuse(column: usize, reason: ExpressionReason) -> Error {
    OptionReason::Expression { column, reason }.into()
}

fn type_of(edm: Edm, at: usize) -> Result<Type> {
    match edm {
        Edm::String => Ok(Type::Text),
        Edm::Boolean => Ok(Type::Boolean),
        Edm::Int32 | Edm::Int64 | Edm::Double => Ok(Type::Number),
        Edm::DateTimeOffset => Ok(Type::Instant),
        Edm::Duration => Ok(Type::Duration),
        Edm::Enum(enumeration) => Ok(Type::Enum(enumeration)),
        Edm::Binary | Edm::Strings | Edm::Complex(_) | Edm::Complexes(_) => {
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
