//! `cast`: the types that it makes, and of which values. A cast that fails is null, as in OData. A cast
//! that no value could pass is refused, so that a filter does not silently match nothing.

use super::literal;
use super::term::{Function, Operand, Term, TermKind, Type, refuse};
use crate::error::{ExpressionReason, Result};
use crate::odata::{DateTimeOffset, Duration, Expression, ExpressionKind, Literal};

/// The name of the function.
pub(super) const NAME: &str = "cast";

/// A type that `cast` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the primitive types of OData, by their names")]
pub enum Primitive {
    String,
    Boolean,
    Byte,
    SByte,
    Int16,
    Int32,
    Int64,
    Decimal,
    Double,
    DateTimeOffset,
    Date,
    TimeOfDay,
    Duration,
}

impl Primitive {
    const ALL: [Self; 13] = [
        Self::String,
        Self::Boolean,
        Self::Byte,
        Self::SByte,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Decimal,
        Self::Double,
        Self::DateTimeOffset,
        Self::Date,
        Self::TimeOfDay,
        Self::Duration,
    ];

    /// The qualified name of the type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "Edm.String",
            Self::Boolean => "Edm.Boolean",
            Self::Byte => "Edm.Byte",
            Self::SByte => "Edm.SByte",
            Self::Int16 => "Edm.Int16",
            Self::Int32 => "Edm.Int32",
            Self::Int64 => "Edm.Int64",
            Self::Decimal => "Edm.Decimal",
            Self::Double => "Edm.Double",
            Self::DateTimeOffset => "Edm.DateTimeOffset",
            Self::Date => "Edm.Date",
            Self::TimeOfDay => "Edm.TimeOfDay",
            Self::Duration => "Edm.Duration",
        }
    }

    /// The least and the largest number of the type; `None` if it is no number, or unlimited.
    #[must_use]
    pub const fn range(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Byte => Some(("0", "255")),
            Self::SByte => Some(("-128", "127")),
            Self::Int16 => Some(("-32768", "32767")),
            Self::Int32 => Some(("-2147483648", "2147483647")),
            Self::Int64 => Some(("-9223372036854775808", "9223372036854775807")),
            Self::Double => Some(("-1.7976931348623157e308", "1.7976931348623157e308")),
            _ => None,
        }
    }

    /// Whether it is a type of whole numbers.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Byte | Self::SByte | Self::Int16 | Self::Int32 | Self::Int64)
    }

    const fn is_number(self) -> bool {
        self.is_whole() || matches!(self, Self::Decimal | Self::Double)
    }

    /// The type of the result in expressions.
    const fn of(self) -> Type {
        match self {
            Self::String => Type::Text,
            Self::Boolean => Type::Boolean,
            Self::DateTimeOffset => Type::Instant,
            Self::Date => Type::Date,
            Self::TimeOfDay => Type::TimeOfDay,
            Self::Duration => Type::Duration,
            Self::Byte
            | Self::SByte
            | Self::Int16
            | Self::Int32
            | Self::Int64
            | Self::Decimal
            | Self::Double => Type::Number,
        }
    }
}

/// The error for another number of arguments than two.
pub(super) fn argument_count(given: usize) -> ExpressionReason {
    ExpressionReason::ArgumentCount { function: NAME, least: 2, most: 2, given }
}

/// The type that the second argument names, in any case, with or without quotation marks.
pub(super) fn target(expression: &Expression) -> Result<Primitive> {
    let name = match &expression.kind {
        ExpressionKind::Path(path) if path.names.len() == 1 => &path.names[0].text,
        ExpressionKind::Literal(Literal::String(text)) => text,
        _ => return Err(refuse(expression.at, ExpressionReason::CastTarget)),
    };
    let found = Primitive::ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let supported = Primitive::ALL.map(Primitive::name).join(", ");
        refuse(expression.at, ExpressionReason::CastType { name: name.clone(), supported })
    })
}

/// A value in another type.
pub(super) fn cast(value: Operand<'_>, at: usize, to: Primitive) -> Result<Term> {
    let kind = match value {
        Operand::Literal(Literal::Null, _) => TermKind::Null,
        Operand::Literal(Literal::String(text), _) if is_time(to) => of_text(text, to),
        Operand::Literal(Literal::Number(number), _)
            if to == Primitive::Double && literal::is_large(number) =>
        {
            let text = Term { of: Type::Text, kind: TermKind::Text(number.clone()) };
            TermKind::Cast(Box::new(text), to)
        }
        Operand::Literal(literal, at) => of_term(literal::natural(literal, at)?, at, to)?,
        Operand::Term(term) => of_term(term, at, to)?,
    };
    Ok(Term { of: to.of(), kind })
}

fn is_time(to: Primitive) -> bool {
    matches!(to.of(), Type::Instant | Type::Date | Type::TimeOfDay | Type::Duration)
}

/// A text of the request as a time.
fn of_text(text: &str, to: Primitive) -> TermKind {
    let literal = match to {
        Primitive::Duration => {
            Literal::Typed { type_name: "duration".into(), text: text.to_owned() }
        }
        _ => Literal::Word(text.to_owned()),
    };
    literal::typed(&literal, 0, to.of()).map_or(TermKind::Null, |term| term.kind)
}

fn of_term(term: Term, at: usize, to: Primitive) -> Result<TermKind> {
    let from = term.type_name();
    let cast = |term: Term| Ok(TermKind::Cast(Box::new(term), to));
    match (term.of, to) {
        (Type::Text, Primitive::String)
        | (Type::Boolean, Primitive::Boolean)
        | (Type::Instant, Primitive::DateTimeOffset)
        | (Type::Date, Primitive::Date)
        | (Type::TimeOfDay, Primitive::TimeOfDay)
        | (Type::Duration, Primitive::Duration) => Ok(term.kind),
        (Type::Instant, Primitive::Date) => part(Function::Date, term, at),
        (Type::Instant, Primitive::TimeOfDay) => part(Function::Time, term, at),
        (Type::Instant | Type::Duration, Primitive::String) => time_as_text(term, at),
        (Type::Text | Type::Number, to) if to.is_number() => cast(term),
        (Type::Text, Primitive::Boolean)
        | (Type::Date, Primitive::DateTimeOffset)
        | (
            Type::Boolean | Type::Number | Type::Date | Type::TimeOfDay | Type::Enum(_),
            Primitive::String,
        ) => cast(term),
        (_, to) => Err(refuse(at, ExpressionReason::CastPair { from, to: to.name() })),
    }
}

/// The date or the time of a date-time.
fn part(function: Function, term: Term, at: usize) -> Result<TermKind> {
    check_time(&term, at)?;
    Ok(TermKind::Call(function, vec![term]))
}

fn time_as_text(term: Term, at: usize) -> Result<TermKind> {
    check_time(&term, at)?;
    Ok(match (term.of, &term.kind) {
        (Type::Duration, TermKind::Ticks(ticks, _)) => {
            TermKind::Text(Duration { ticks: *ticks }.to_string())
        }
        (_, TermKind::Ticks(ticks, offset)) => {
            TermKind::Text(DateTimeOffset { ticks: *ticks, offset: *offset }.to_string())
        }
        _ => TermKind::Cast(Box::new(term), Primitive::String),
    })
}

/// Refuses a calculated time, which has no offset and may be out of range.
fn check_time(term: &Term, at: usize) -> Result<()> {
    match term.kind {
        TermKind::Calculate(..) | TermKind::Negate(_) => {
            Err(refuse(at, ExpressionReason::ArgumentCalculated { function: NAME }))
        }
        _ => Ok(()),
    }
}
