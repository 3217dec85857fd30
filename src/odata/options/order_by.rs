//! The value of `$orderby` → the keys of the order, the most significant first.
//!
//! ```text
//! orderby = key *( "," key )
//! key     = expression [ "asc" / "desc" ]
//! ```

use crate::error::{Result, SyntaxReason};
use crate::odata::expression::{Expression, Parser, Source, TokenKind};

/// The largest number of keys in an order.
pub const MAX_ORDER_KEYS: usize = 8;

/// A key of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderKey {
    /// The expression.
    pub expression: Expression,
    /// The direction.
    pub direction: Direction,
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `asc`, the default.
    Ascending,
    /// `desc`
    Descending,
}

/// `orderby`
pub(super) fn order_by(source: Source<'_>) -> Result<Vec<OrderKey>> {
    let mut parser = Parser::new(source);
    let mut keys = Vec::new();
    loop {
        if keys.len() == MAX_ORDER_KEYS {
            let reason = SyntaxReason::TooManyKeys { limit: MAX_ORDER_KEYS };
            return Err(source.refuse(parser.token().at, reason));
        }
        let expression = parser.expression()?;
        let (direction, expected) = if parser.accept_text(TokenKind::Word, "desc") {
            (Direction::Descending, "',' or the end")
        } else if parser.accept_text(TokenKind::Word, "asc") {
            (Direction::Ascending, "',' or the end")
        } else {
            (Direction::Ascending, "an operator, 'asc', 'desc', ',' or the end")
        };
        keys.push(OrderKey { expression, direction });
        if !parser.accept(TokenKind::Comma) {
            parser.expect(TokenKind::End, expected)?;
            return Ok(keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::odata::expression::testing::{self, tree};

    fn parse(text: &str) -> Result<Vec<OrderKey>> {
        order_by(Source::new("orderby", text)?)
    }

    #[test]
    fn a_key_is_an_expression_and_a_direction() {
        let keys = parse("a, b/c DESC,length(d) add 1 asc,desc desc").unwrap();
        let keys: Vec<_> = keys.iter().map(|key| (tree(&key.expression), key.direction)).collect();
        let expected = [
            ("a", Direction::Ascending),
            ("b/c", Direction::Descending),
            ("(add length[d] 1)", Direction::Ascending),
            ("desc", Direction::Descending),
        ];
        assert_eq!(keys, expected.map(|(tree, direction)| (tree.to_owned(), direction)));
    }

    #[test]
    fn an_error_says_where_and_what() {
        let operand = "a property, a literal, a function or '('";
        let cases = [
            ("", 1, &format!("found the end where {operand} was expected")),
            ("a,", 3, &format!("found the end where {operand} was expected")),
            (
                "a descending",
                3,
                &"found 'descending' where an operator, 'asc', 'desc', ',' or the end was expected"
                    .into(),
            ),
            ("a desc b", 8, &"found 'b' where ',' or the end was expected".into()),
            ("a,a,a,a,a,a,a,a,a", 17, &"there are more than 8 keys".into()),
        ];
        for (text, column, why) in cases {
            let expected = format!("The value of $orderby is not valid at column {column}: {why}.");
            assert_eq!(testing::refusal(parse(text), "$orderby"), expected, "{text}");
        }
    }
}
