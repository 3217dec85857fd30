//! Literals of expressions × the expected type → values.

use chrono::NaiveDate;

use super::term::{Term, TermKind, Type, refuse};
use crate::error::{Error, ExpressionReason, LiteralForm, Result};
use crate::model::{EnumType, without_alias};
use crate::odata::{DateTimeOffset, Duration, Literal};

/// The longest number, in characters; longer than the value of any property.
const MAX_NUMBER: usize = 40;
/// The largest exponent.
const MAX_EXPONENT: i32 = 100;

/// A literal as a value of a type.
pub(in crate::plan) fn typed(literal: &Literal, at: usize, of: Type) -> Result<Term> {
    named(literal, at, of, || of.name())
}

/// A literal as a value of the type of a term.
pub(in crate::plan) fn like(literal: &Literal, at: usize, other: &Term) -> Result<Term> {
    named(literal, at, other.of, || other.type_name())
}

/// A literal as a value of a type that errors call by this name.
fn named(literal: &Literal, at: usize, of: Type, name: impl Fn() -> String) -> Result<Term> {
    let kind = match (of, literal) {
        (Type::Text, Literal::String(text)) if text.contains('\0') => {
            return Err(refuse(at, ExpressionReason::NullCharacter));
        }
        (Type::Text, Literal::String(text)) => Some(TermKind::Text(text.clone())),
        (Type::Boolean, Literal::Boolean(truth)) => Some(TermKind::Boolean(*truth)),
        (Type::Number, Literal::Number(number)) => number_of(number),
        (Type::Instant, Literal::Word(word)) => {
            DateTimeOffset::parse(word).map(instant).or_else(|| start_of_day(word))
        }
        (Type::Date, Literal::Word(word)) => date(word),
        (Type::TimeOfDay, Literal::Word(word)) => time_of_day(word),
        (Type::Duration, Literal::Typed { type_name, text }) => {
            let is_duration = type_name.eq_ignore_ascii_case("duration");
            Duration::parse(text).filter(|_| is_duration).map(|it| TermKind::Ticks(it.ticks, 0))
        }
        (Type::Enum(enumeration), literal) => return member(enumeration, literal, at),
        _ => None,
    };
    kind.map(|kind| Term { of, kind }).ok_or_else(|| mismatch(literal, at, of, name()))
}

/// A literal as a value of the type that it looks like.
pub(in crate::plan) fn natural(literal: &Literal, at: usize) -> Result<Term> {
    let of = match literal {
        Literal::String(_) => Type::Text,
        Literal::Number(_) => Type::Number,
        Literal::Boolean(_) => Type::Boolean,
        Literal::Typed { type_name, .. } if type_name.eq_ignore_ascii_case("duration") => {
            Type::Duration
        }
        Literal::Word(word) if date(word).is_some() => Type::Date,
        Literal::Word(word) if time_of_day(word).is_some() => Type::TimeOfDay,
        Literal::Word(_) => Type::Instant,
        Literal::Null | Literal::Typed { .. } => {
            let literal = shown(literal);
            return Err(refuse(at, ExpressionReason::LiteralUntyped { literal }));
        }
    };
    typed(literal, at, of)
}

/// A literal beside a value of a type: a date beside a date-time is the start of that day in UTC.
pub(in crate::plan) fn beside(literal: &Literal, at: usize, other: Type) -> Result<Term> {
    let value = natural(literal, at)?;
    match (value.of, other) {
        (Type::Date, Type::Instant) => typed(literal, at, Type::Instant),
        _ => Ok(value),
    }
}

/// Two literals beside each other.
pub(in crate::plan) fn both(
    left: &Literal,
    left_at: usize,
    right: &Literal,
    right_at: usize,
) -> Result<(Term, Term)> {
    let other = natural(right, right_at)?.of;
    let left = beside(left, left_at, other)?;
    let right = beside(right, right_at, left.of)?;
    Ok((left, right))
}

/// A date-time as a value.
pub(in crate::plan) fn instant(moment: DateTimeOffset) -> TermKind {
    TermKind::Ticks(moment.ticks, moment.offset)
}

/// Whether a number of allowed length has an exponent that only a double may have.
pub(super) fn is_large(text: &str) -> bool {
    text.len() <= MAX_NUMBER && number_of(text).is_none()
}

fn number_of(text: &str) -> Option<TermKind> {
    let exponent = text.to_ascii_lowercase();
    let exponent = exponent.split_once('e').map_or("0", |(_, exponent)| exponent);
    let exponent = exponent.parse::<i32>().ok()?;
    let fits = text.len() <= MAX_NUMBER && exponent.abs() <= MAX_EXPONENT;
    fits.then(|| TermKind::Number(text.to_owned()))
}

/// A date as the date-time with which it starts in UTC.
fn start_of_day(word: &str) -> Option<TermKind> {
    date(word).and_then(|_| DateTimeOffset::parse(&format!("{word}T00:00:00Z"))).map(instant)
}

/// Days since 0001-01-01.
fn date(word: &str) -> Option<TermKind> {
    let shaped = word.len() == 10 && !word.starts_with(['+', '-']);
    let date = NaiveDate::parse_from_str(word, "%Y-%m-%d").ok().filter(|_| shaped)?;
    let days = date.signed_duration_since(NaiveDate::from_ymd_opt(1, 1, 1)?).num_days();
    (days >= 0).then_some(TermKind::Ticks(days, 0))
}

/// `hour:minute[:second[.fraction]]`, as that time on 0001-01-01.
fn time_of_day(word: &str) -> Option<TermKind> {
    DateTimeOffset::parse(&format!("0001-01-01T{word}Z")).map(instant)
}

/// `'success'` or `microsoft.graph.runState'success'`, the name in any case.
fn member(enumeration: &'static EnumType, literal: &Literal, at: usize) -> Result<Term> {
    let full = enumeration.qualified_name();
    let text = match literal {
        Literal::String(text) => Some(text),
        Literal::Typed { type_name, text }
            if without_alias(type_name).eq_ignore_ascii_case(&full) =>
        {
            Some(text)
        }
        _ => None,
    };
    let of = Type::Enum(enumeration);
    let text = text.ok_or_else(|| mismatch(literal, at, of, of.name()))?;
    let member = enumeration.member(text);
    let kind = member.map(|member| TermKind::Member(enumeration, member));
    kind.map(|kind| Term { of, kind }).ok_or_else(|| {
        let names: Vec<&str> = enumeration.names().collect();
        let (literal, members) = (shown(literal), names.join(", "));
        refuse(at, ExpressionReason::MemberUnknown { literal, of: full, members })
    })
}

fn mismatch(literal: &Literal, at: usize, of: Type, name: String) -> Error {
    let form = match of {
        Type::Text => LiteralForm::Text,
        Type::Instant => LiteralForm::Instant,
        Type::Date => LiteralForm::Date,
        Type::TimeOfDay => LiteralForm::TimeOfDay,
        Type::Duration => LiteralForm::Duration,
        Type::Number => LiteralForm::Number,
        Type::Boolean => LiteralForm::Boolean,
        Type::Enum(_) => LiteralForm::Member,
    };
    let literal = shown(literal);
    refuse(at, ExpressionReason::LiteralType { literal, of: name, form })
}

/// A literal as an error repeats it.
pub(super) fn shown(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".into(),
        Literal::Boolean(truth) => truth.to_string(),
        Literal::Number(text) | Literal::Word(text) => text.clone(),
        Literal::String(text) => format!("'{text}'"),
        Literal::Typed { type_name, text } => format!("{type_name}'{text}'"),
    }
}
