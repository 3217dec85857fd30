//! The operators of expressions and their precedence, in one table.

use super::lexer::{Token, TokenKind};
use super::tree::{Arithmetic, Comparison};

/// An operator between two operands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Compare(Comparison),
    Calculate(Arithmetic),
    Has,
    In,
}

/// The precedence of `-` and `not`: `not a eq b` is `(not a) eq b`, but `not a in b` negates all.
pub(super) const UNARY: u8 = 7;

/// Each operator between two operands, and its precedence: OData 4.01 part 2, 5.1.1.17.
const OPERATORS: [(&str, Operator, u8); 16] = [
    ("or", Operator::Or, 1),
    ("and", Operator::And, 2),
    (Comparison::Eq.word(), Operator::Compare(Comparison::Eq), 3),
    (Comparison::Ne.word(), Operator::Compare(Comparison::Ne), 3),
    (Comparison::Gt.word(), Operator::Compare(Comparison::Gt), 4),
    (Comparison::Ge.word(), Operator::Compare(Comparison::Ge), 4),
    (Comparison::Lt.word(), Operator::Compare(Comparison::Lt), 4),
    (Comparison::Le.word(), Operator::Compare(Comparison::Le), 4),
    (Arithmetic::Add.word(), Operator::Calculate(Arithmetic::Add), 5),
    (Arithmetic::Sub.word(), Operator::Calculate(Arithmetic::Sub), 5),
    (Arithmetic::Mul.word(), Operator::Calculate(Arithmetic::Mul), 6),
    (Arithmetic::Div.word(), Operator::Calculate(Arithmetic::Div), 6),
    (Arithmetic::DivBy.word(), Operator::Calculate(Arithmetic::DivBy), 6),
    (Arithmetic::Mod.word(), Operator::Calculate(Arithmetic::Mod), 6),
    ("has", Operator::Has, 8),
    ("in", Operator::In, 8),
];

impl Operator {
    /// The operator of a token, in any case, and its precedence.
    pub(super) fn of(token: Token<'_>) -> Option<(Self, u8)> {
        let is_this = |(word, ..): &(&str, Self, u8)| word.eq_ignore_ascii_case(token.text);
        let word = token.kind == TokenKind::Word;
        let found = word.then(|| OPERATORS.into_iter().find(is_this)).flatten();
        found.map(|(_, operator, power)| (operator, power))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::tree;
    use crate::odata::Expression;

    #[test]
    fn operators_bind_as_odata_has_it() {
        let cases = [
            ("a or b and c or d", "(or a (and b c) d)"),
            ("(a or b) or c", "(or (or a b) c)"),
            ("a and (b and c)", "(and a (and b c))"),
            ("a eq b lt c", "(eq a (lt b c))"),
            ("a eq b and c ne d", "(and (eq a b) (ne c d))"),
            ("a gt b add c mul d", "(gt a (add b (mul c d)))"),
            ("a sub b sub c", "(sub (sub a b) c)"),
            ("a sub (b sub c)", "(sub a (sub b c))"),
            ("a div b divby c mod d mul e", "(mul (mod (divby (div a b) c) d) e)"),
            ("not a eq b", "(eq (not a) b)"),
            ("not a in (1) and b", "(and (not (in a {1})) b)"),
            ("not not - - a", "(not (not (- (- a))))"),
            ("-a mul -b add c", "(add (mul (- a) (- b)) c)"),
            ("a add b in (1)", "(add a (in b {1}))"),
            ("NOT(a)AND(b)Or c EQ d", "(or (and (not a) b) (eq c d))"),
            ("eq eq eq and and or or", "(or (and (eq eq eq) and) or)"),
        ];
        for (text, expected) in cases {
            assert_eq!(Expression::parse(text).map(|it| tree(&it)).unwrap(), expected, "{text}");
        }
    }
}
