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

struct Signature {
    name: &'static str,
    function: Function,
    takes: &'static [Takes],
    /// How many of the last parameters are optional.
    optional: usize,
    gives: Type,
}

const fn function(
    name: &'static str,
    function: Function,
    takes: &'static [Takes],
    gives: Type,
) -> Signature {
    Signature { name, function, takes, optional: 0, gives }
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
];

/// A call of a function, by its name in any case.
pub(in crate::plan) fn call(
    name: &str,
    at: usize,
    arguments: Vec<(Operand<'_>, usize)>,
    now: DateTimeOffset,
) -> Result<Term> {
    let constant =
        [("now", now), ("mindatetime", DateTimeOffset::MIN), ("maxdatetime", DateTimeOffset::MAX)];
    let constant = constant.iter().find(|(own, _)| name.eq_ignore_ascii_case(own));
    if let Some((_, moment)) = constant.filter(|_| arguments.is_empty()) {
        return Ok(Term { of: Type::Instant, kind: instant(*moment) });
    }
    let signature = FUNCTIONS.iter().find(|it| name.eq_ignore_ascii_case(it.name));
    let signature = signature.ok_or_else(|| refuse(at, unknown(name)))?;
    let (most, given) = (signature.takes.len(), arguments.len());
    if given > most || given < most - signature.optional {
        let function = signature.name;
        return Err(refuse(
            at,
            ExpressionReason::ArgumentCount { function, expected: most, given },
        ));
    }
    let arguments = arguments.into_iter().zip(signature.takes);
    let arguments =
        arguments.map(|((operand, at), takes)| argument(operand, at, *takes, signature));
    let kind = TermKind::Call(signature.function, arguments.collect::<Result<_>>()?);
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
    names.extend(["now", "mindatetime", "maxdatetime", super::cast::NAME]);
    ExpressionReason::FunctionUnknown { name: name.to_owned(), supported: names.join(", ") }
}
