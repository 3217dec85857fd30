//! Parses expressions: tokens → a tree. Each function parses one production of the grammar; `member`
//! has those of paths, lambdas and lists. Knows neither names of the model nor types.
//!
//! ```text
//! filter     = expression
//! expression = unary *( operator unary / "in" list )      ; precedence: operator.rs
//! unary      = ( "-" / "not" ) expression                 ; of at least the same precedence
//!            / primary
//! primary    = "(" expression ")" / literal / call / member
//! call       = name "(" [ expression *( "," expression ) ] ")"
//! member     = path [ "/" count / "/" lambda ]
//! count      = "$count" [ "(" [ "$" ] "filter" "=" [ expression ] ")" ]
//! lambda     = "any" "(" [ predicate ] ")" / "all" "(" predicate ")"
//! predicate  = identifier ":" expression
//! path       = name *( "/" name )
//! list       = "(" literal *( "," literal ) ")" / path
//! literal    = value / alias                              ; alias: @p, an option of the query
//! name       = identifier *( "." identifier )
//! value      = "null" / "true" / "false" / number / "INF" / "-INF" / "NaN" / string
//!            / name string                                ; a duration, an enum member, …
//!            / any other word that begins with a digit, or a GUID
//! ```
//! The words of the grammar are case-insensitive.

use super::lexer::TokenKind;
use super::operator::{Operator, UNARY};
use super::parser::Parser;
use super::source::Source;
use super::tree::{Expression, ExpressionKind as Kind};
use crate::error::{Result, SyntaxReason};

impl Expression {
    /// Parses the percent-decoded value of a `$filter`.
    ///
    /// # Errors
    /// If the text is not an expression, or exceeds a limit. The message has the column.
    pub fn parse(text: &str) -> Result<Self> {
        filter(Source::new("filter", text)?)
    }
}

/// `filter`: the value of a `$filter`.
pub(in crate::odata) fn filter(source: Source<'_>) -> Result<Expression> {
    let mut parser = Parser::new(source);
    let expression = parser.expression()?;
    parser.expect(TokenKind::End, "an operator or the end")?;
    Ok(expression)
}

impl Parser<'_> {
    /// `expression`
    pub(in crate::odata) fn expression(&mut self) -> Result<Expression> {
        self.expression_of(0)
    }

    /// `expression` with operators of at least this precedence.
    fn expression_of(&mut self, least: u8) -> Result<Expression> {
        self.enter()?;
        let mut left = self.unary()?;
        while let Some((operator, power)) =
            Operator::of(self.token()).filter(|(_, power)| *power >= least)
        {
            let at = self.take().at;
            let kind = self.operation(left, operator, power)?;
            left = self.node(kind, at)?;
        }
        self.leave();
        Ok(left)
    }

    /// The operation of an operator on its left operand and the next tokens.
    fn operation(&mut self, left: Expression, operator: Operator, power: u8) -> Result<Kind> {
        Ok(match operator {
            Operator::Or => Kind::Or(self.operands(left, operator, power)?),
            Operator::And => Kind::And(self.operands(left, operator, power)?),
            Operator::Compare(operator) => {
                let (left, right) = self.sides(left, power)?;
                Kind::Compare { operator, left, right }
            }
            Operator::Calculate(operator) => {
                let (left, right) = self.sides(left, power)?;
                Kind::Calculate { operator, left, right }
            }
            Operator::Has => {
                let (left, right) = self.sides(left, power)?;
                Kind::Has { left, right }
            }
            Operator::In => Kind::In { value: Box::new(left), list: self.list()? },
        })
    }

    /// The operands of a left-associative operator.
    fn sides(&mut self, left: Expression, power: u8) -> Result<(Box<Expression>, Box<Expression>)> {
        Ok((Box::new(left), Box::new(self.expression_of(power + 1)?)))
    }

    /// All operands of a chain with the same operator. The first operand and one operator are parsed
    /// already.
    fn operands(
        &mut self,
        first: Expression,
        same: Operator,
        power: u8,
    ) -> Result<Vec<Expression>> {
        let mut operands = vec![first, self.expression_of(power + 1)?];
        while Operator::of(self.token()).is_some_and(|(operator, _)| operator == same) {
            self.take();
            operands.push(self.expression_of(power + 1)?);
        }
        Ok(operands)
    }

    /// `unary`
    fn unary(&mut self) -> Result<Expression> {
        let at = self.token().at;
        let kind = if self.accept(TokenKind::Minus) {
            Kind::Negate(Box::new(self.expression_of(UNARY)?))
        } else if self.accept_text(TokenKind::Word, "not") {
            Kind::Not(Box::new(self.expression_of(UNARY)?))
        } else {
            return self.primary();
        };
        self.node(kind, at)
    }

    /// `primary`
    fn primary(&mut self) -> Result<Expression> {
        let at = self.token().at;
        if self.accept(TokenKind::Open) {
            let inner = self.expression()?;
            self.expect(TokenKind::Close, "an operator or ')'")?;
            return Ok(inner);
        }
        if let Some(literal) = self.literal() {
            return self.node(Kind::Literal(literal), at);
        }
        let name = self.name("a property, a literal, a function or '('")?;
        let kind = match self.accept(TokenKind::Open) {
            // Its arguments are pairs with a colon, which no other function has.
            true if name.text.eq_ignore_ascii_case("case") => {
                return Err(self.source().refuse(at, SyntaxReason::Case));
            }
            true => Kind::Call { name, arguments: self.arguments()? },
            false => self.member(name)?,
        };
        self.node(kind, at)
    }

    /// `call` after its `(`
    fn arguments(&mut self) -> Result<Vec<Expression>> {
        let mut arguments = Vec::new();
        if self.accept(TokenKind::Close) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if !self.accept(TokenKind::Comma) {
                self.expect(TokenKind::Close, "an operator, ',' or ')'")?;
                return Ok(arguments);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, tree};
    use super::*;

    fn refusal(text: &str) -> String {
        testing::refusal(Expression::parse(text), "$filter")
    }

    #[test]
    fn each_form_has_its_tree() {
        let cases = [
            ("runState eq 'success'", "(eq runState 'success')"),
            ("A/b/C ne null", "(ne A/b/C null)"),
            ("((a))", "a"),
            ("name eq 'it''s'", "(eq name 'it''s')"),
            ("r eq microsoft.graph.runState'success'", "(eq r microsoft.graph.runState'success')"),
            ("d gt duration'PT1S'", "(gt d duration'PT1S')"),
            ("t le 2017-01-01T00:02:58.4418045-08:00", "(le t 2017-01-01T00:02:58.4418045-08:00)"),
            (
                "id eq abcdef01-2345-6789-abcd-ef0123456789",
                "(eq id abcdef01-2345-6789-abcd-ef0123456789)",
            ),
            ("a eq -1.5e3 or a eq -INF", "(or (eq a -1.5e3) (eq a -INF))"),
            ("-a lt - 1", "(lt (- a) (- 1))"),
            ("contains(tolower(name),'x')", "contains[tolower[name] 'x']"),
            ("now() gt a", "(gt now[] a)"),
            ("geo.Distance(a , b)", "geo.Distance[a b]"),
            ("isof(microsoft.graph.user)", "isof[microsoft.graph.user]"),
            ("ids/any()", "(any ids)"),
            ("ids/any(t:t eq '0')", "(any ids t (eq t '0'))"),
            ("a/ids/ALL( t : t/x in (1) )", "(all a/ids t (in t/x {1}))"),
            ("a/$count gt 1", "(gt a/$count 1)"),
            ("a/$count($filter=b eq 1) gt 1", "(gt a/$count[(eq b 1)] 1)"),
            ("A/$COUNT( Filter = b/$count gt c ) eq 0", "(eq A/$count[(gt b/$count c)] 0)"),
            ("a/$count($filter=) eq 0", "(eq a/$count 0)"),
            ("a in ('x', null,-2)", "(in a {'x' null -2})"),
            ("'0' in roleScopeTagIds", "(in '0' roleScopeTagIds)"),
            ("a has n.flag'x,y'", "(has a n.flag'x,y')"),
            ("a\teq\n1", "(eq a 1)"),
        ];
        for (text, expected) in cases {
            assert_eq!(tree(&Expression::parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn an_error_says_where_and_what() {
        const OPERAND: &str = "a property, a literal, a function or '('";
        let long = "é".repeat(50);
        let cut = "é".repeat(40);
        let cases = [
            ("", 1, format!("found the end where {OPERAND} was expected")),
            ("a eq 1 and ", 12, format!("found the end where {OPERAND} was expected")),
            ("é eq 'ü' eqq 1", 10, "found 'eqq' where an operator or the end was expected".into()),
            ("(a", 3, "found the end where an operator or ')' was expected".into()),
            ("a)", 2, "found ')' where an operator or the end was expected".into()),
            ("f(a", 4, "found the end where an operator, ',' or ')' was expected".into()),
            ("f(,)", 3, format!("found ',' where {OPERAND} was expected")),
            ("a eq case(b eq 1:2)", 6, "the function 'case' is not supported".into()),
            ("f(a)/b", 5, "found '/' where an operator or the end was expected".into()),
            ("a eq 'b", 6, "the string that begins here has no closing quote".into()),
            ("$it/a eq 1", 1, "'$it' is not supported".into()),
            ("a eq @b", 6, "'@b' is not supported".into()),
            ("a/$value", 3, "'$value' is not supported".into()),
            ("a/$count() eq 1", 10, "found ')' where '$filter=' was expected".into()),
            ("a/$count($filter)", 17, "found ')' where '=' was expected".into()),
            ("a/$count($search=b)", 10, "found '$search' where '$filter=' was expected".into()),
            (
                "a/$count($filter=b",
                19,
                "found the end where an operator or ')' was expected".into(),
            ),
            (
                "a/$count($filter=b;$search=c)",
                19,
                "found ';' where an operator or ')' was expected".into(),
            ),
            (
                "a/",
                3,
                "found the end where a property, 'any', 'all' or '$count' was expected".into(),
            ),
            ("a/b(1)", 3, "found 'b' where 'any' or 'all' before '(' was expected".into()),
            ("a/all()", 7, "found ')' where a variable was expected".into()),
            ("a/any(b.c:1)", 7, "found 'b.c' where a variable was expected".into()),
            ("a/any(b)", 8, "found ')' where ':' behind the variable was expected".into()),
            ("a in ()", 7, "found ')' where a literal was expected".into()),
            ("a in (b)", 7, "found 'b' where a literal was expected".into()),
            ("a in (1 2)", 9, "found '2' where ',' or ')' was expected".into()),
            (
                "a in 1",
                6,
                "found '1' where a list in parentheses or a collection was expected".into(),
            ),
            ("a eq #", 6, format!("found '#' where {OPERAND} was expected")),
            ("a -1", 3, "found '-1' where an operator or the end was expected".into()),
            (
                &format!("a {long}"),
                3,
                format!("found '{cut}…' where an operator or the end was expected"),
            ),
        ];
        for (text, column, why) in cases {
            let expected = format!("The value of $filter is not valid at column {column}: {why}.");
            assert_eq!(refusal(text), expected, "{text}");
        }
    }
}
