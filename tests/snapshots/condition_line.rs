//! A condition of a plan in one line, close to how a client writes it, with each literal's type.

use runstate::plan::{Condition, PropertyRead, Range, RangeOf, Row, Term, TermKind};

pub(crate) fn condition_line(condition: &Condition) -> String {
    match condition {
        Condition::And(parts) => joined(parts, " and "),
        Condition::Or(parts) => joined(parts, " or "),
        Condition::Not(inner) => format!("not ({})", condition_line(inner)),
        Condition::IsNotTrue(inner) => format!("({}) is not true", condition_line(inner)),
        Condition::Compare(operator, left, right) => {
            format!("{} {} {}", term_line(left), operator.word(), term_line(right))
        }
        Condition::EqualOrBothNull(left, right) => {
            format!("{} eq or both null {}", term_line(left), term_line(right))
        }
        Condition::IsNull(term) => format!("{} is null", term_line(term)),
        Condition::In(term, items) => format!("{} in ({})", term_line(term), terms(items)),
        Condition::Truth(term) => term_line(term),
        Condition::IsOf(read) => format!("{} is of its type", property_line(read)),
        Condition::Exists(range, None) => format!("{} has an item", range_line(range)),
        Condition::Exists(range, Some(condition)) => {
            format!("{} has an item where {}", range_line(range), condition_line(condition))
        }
        Condition::Constant(truth) => truth.to_string(),
    }
}

pub(crate) fn term_line(term: &Term) -> String {
    match &term.kind {
        TermKind::Text(text) => format!("{} {text:?}", term.of.name()),
        TermKind::Member(enumeration, member) => format!("{}'{member}'", enumeration.name),
        TermKind::Number(number) => number.clone(),
        TermKind::Boolean(truth) => truth.to_string(),
        TermKind::Ticks(ticks, offset) => {
            format!("{} at {ticks}, offset {offset}", term.of.name())
        }
        TermKind::Property(read) => property_line(read),
        TermKind::Call(function, arguments) => format!("{function:?}({})", terms(arguments)),
        TermKind::Calculate(operator, left, right) => {
            format!("({} {} {})", term_line(left), operator.word(), term_line(right))
        }
        TermKind::Negate(inner) => format!("-({})", term_line(inner)),
        TermKind::Count(read, navigation) => {
            format!("{}{}/$count", prefix(read), navigation.name)
        }
        TermKind::CountOf(read, navigation, filter) => {
            format!("{}{}/$count({})", prefix(read), navigation.name, condition_line(filter))
        }
        TermKind::Items(read) => format!("{}/$count", property_line(read)),
        TermKind::Condition(condition) => format!("({})", condition_line(condition)),
        TermKind::Cast(inner, to) => format!("cast({}, {})", term_line(inner), to.name()),
        TermKind::Null => format!("{} null", term.of.name()),
    }
}

fn joined(parts: &[Condition], word: &str) -> String {
    let parts: Vec<String> = parts.iter().map(condition_line).collect();
    format!("({})", parts.join(word))
}

fn terms(terms: &[Term]) -> String {
    terms.iter().map(term_line).collect::<Vec<_>>().join(", ")
}

fn range_line(range: &Range) -> String {
    let name = match range.of {
        RangeOf::Entities(navigation) => format!("{}{}", prefix(&range.read), navigation.name),
        RangeOf::Texts | RangeOf::Complexes => property_line(&range.read),
    };
    format!("{name} as item {}", range.item)
}

fn property_line(read: &PropertyRead) -> String {
    let property = read.property.iter().map(|property| property.name.to_owned());
    let cast = read.cast.iter().map(|of| of.qualified_name());
    let members = read.members.iter().map(|member| member.name.to_owned());
    let names = property.chain(cast).chain(members).collect::<Vec<_>>().join("/");
    format!("{}{names}", prefix(read))
}

/// The row, and the navigations that lead from it.
fn prefix(read: &PropertyRead) -> String {
    let row = match read.row {
        Row::Entity => String::new(),
        Row::Item(number) => format!("item {number}/"),
    };
    let through: String = read.through.iter().map(|it| format!("{}/", it.name)).collect();
    row + &through
}
