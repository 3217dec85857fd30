//! The functions of `$filter` and `$orderby`: their names, parameters and results.

use super::literal::{self, instant};
use super::term::{Function, Operand, Term, TermKind, Type, refuse};
use crate::error::{ExpressionReason, Result};
use crate::odata::DateTimeOffset;

/// The type of a parameter.
#[derive(Clone, Copy)]
enum Takes {
    Text,
    Number,
    /// A number that is not negative.
    Length,
    Instant,
    /// An instant or a date.
    Day,
    /// An instant or a time of day.
    Clock,
}

/// A function's name, parameters and result.
pub(super) struct Signature {
    name: &'static str,
    computed: Computed,
    takes: &'static [Takes],
    /// How many of the last parameters are optional.
    optional: usize,
    gives: Type,
}

/// How the value of a call is computed.
enum Computed {
    /// By the database.
    Call(Function),
    /// Once, from the time of the request.
    Once(fn(DateTimeOffset) -> DateTimeOffset),
}

const fn function(
    name: &'static str,
    function: Function,
    takes: &'static [Takes],
    gives: Type,
) -> Signature {
    Signature { name, computed: Computed::Call(function), takes, optional: 0, gives }
}

const fn moment(name: &'static str, moment: fn(DateTimeOffset) -> DateTimeOffset) -> Signature {
    let computed = Computed::Once(moment);
    Signature { name, computed, takes: &[], optional: 0, gives: Type::Instant }
}

const TEXT: &[Takes] = &[Takes::Text];
const TEXTS: &[Takes] = &[Takes::Text, Takes::Text];

const FUNCTIONS: &[Signature] = &[
    function("contains", Function::Contains, TEXTS, Type::Boolean),
    function("startswith", Function::StartsWith, TEXTS, Type::Boolean),
    function("endswith", Function::EndsWith, TEXTS, Type::Boolean),
    function("length", Function::Length, TEXT, Type::Number),
    function("indexof", Function::IndexOf, TEXTS, Type::Number),
    Signature {
        optional: 1,
        ..function(
            "substring",
            Function::Substring,
            &[Takes::Text, Takes::Number, Takes::Length],
            Type::Text,
        )
    },
    function("tolower", Function::ToLower, TEXT, Type::Text),
    function("toupper", Function::ToUpper, TEXT, Type::Text),
    function("trim", Function::Trim, TEXT, Type::Text),
    function("concat", Function::Concat, TEXTS, Type::Text),
    function("year", Function::Year, &[Takes::Day], Type::Number),
    function("month", Function::Month, &[Takes::Day], Type::Number),
    function("day", Function::Day, &[Takes::Day], Type::Number),
    function("hour", Function::Hour, &[Takes::Clock], Type::Number),
    function("minute", Function::Minute, &[Takes::Clock], Type::Number),
    function("second", Function::Second, &[Takes::Clock], Type::Number),
    function("fractionalseconds", Function::FractionalSeconds, &[Takes::Clock], Type::Number),
    function("date", Function::Date, &[Takes::Instant], Type::Date),
    function("time", Function::Time, &[Takes::Instant], Type::TimeOfDay),
    function("totaloffsetminutes", Function::TotalOffsetMinutes, &[Takes::Instant], Type::Number),
    function("round", Function::Round, &[Takes::Number], Type::Number),
    function("floor", Function::Floor, &[Takes::Number], Type::Number),
    function("ceiling", Function::Ceiling, &[Takes::Number], Type::Number),
    moment("now", |now| now),
    moment("mindatetime", |_| DateTimeOffset::MIN),
    moment("maxdatetime", |_| DateTimeOffset::MAX),
];

/// The function of a name, in any case, for a number of arguments. Its arguments are not read yet, so that
/// an error names the function first.
pub(super) fn find(name: &str, given: usize, at: usize) -> Result<&'static Signature> {
    let signature = FUNCTIONS.iter().find(|it| name.eq_ignore_ascii_case(it.name));
    let signature = signature.ok_or_else(|| refuse(at, unknown(name)))?;
    let (function, most) = (signature.name, signature.takes.len());
    let least = most - signature.optional;
    match (least..=most).contains(&given) {
        true => Ok(signature),
        false => Err(refuse(at, ExpressionReason::ArgumentCount { function, least, most, given })),
    }
}

/// A call of a function, with as many arguments as it takes.
pub(super) fn call(
    signature: &Signature,
    arguments: Vec<(Operand<'_>, usize)>,
    now: DateTimeOffset,
) -> Result<Term> {
    let kind = match signature.computed {
        Computed::Once(moment) => instant(moment(now)),
        Computed::Call(function) => {
            let arguments = arguments.into_iter().zip(signature.takes);
            let arguments =
                arguments.map(|((operand, at), takes)| argument(operand, at, *takes, signature));
            TermKind::Call(function, arguments.collect::<Result<_>>()?)
        }
    };
    Ok(Term { of: signature.gives, kind })
}

fn argument(operand: Operand<'_>, at: usize, takes: Takes, signature: &Signature) -> Result<Term> {
    let function = signature.name;
    let term = match operand {
        Operand::Term(term) => term,
        Operand::Literal(literal, at) => literal::natural(literal, at)?,
    };
    let fits = match takes {
        Takes::Text => matches!(term.of, Type::Text),
        Takes::Number | Takes::Length => matches!(term.of, Type::Number),
        Takes::Instant => matches!(term.of, Type::Instant),
        Takes::Day => matches!(term.of, Type::Instant | Type::Date),
        Takes::Clock => matches!(term.of, Type::Instant | Type::TimeOfDay),
    };
    if !fits {
        let of = term.type_name();
        return Err(refuse(at, ExpressionReason::ArgumentType { function, of }));
    }
    if let (Takes::Length, TermKind::Number(number)) = (takes, &term.kind)
        && number.parse::<f64>().is_ok_and(|number| number.trunc() < 0.0)
    {
        return Err(refuse(at, ExpressionReason::NegativeLength { function }));
    }
    // A calculated time has no offset, and may be outside the range of dates.
    if matches!((term.of, &term.kind), (Type::Instant, TermKind::Calculate(..))) {
        return Err(refuse(at, ExpressionReason::ArgumentCalculated { function }));
    }
    Ok(term)
}

fn unknown(name: &str) -> ExpressionReason {
    let mut names: Vec<&str> = FUNCTIONS.iter().map(|it| it.name).collect();
    names.extend([super::cast::NAME, super::is_of::NAME]);
    ExpressionReason::FunctionUnknown { name: name.to_owned(), supported: names.join(", ") }
}
