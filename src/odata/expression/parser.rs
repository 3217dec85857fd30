//! The parser: its position in a text, its limits, and the productions that all options share.
//! `filter` adds the productions of expressions.

use super::lexer::{Lexer, Token, TokenKind, is_qualified_name};
use super::literal::Literal;
use super::source::Source;
use super::tree::{Expression, ExpressionKind, MAX_HEIGHT, Name, PropertyPath};
use crate::error::{Error, Result, SyntaxReason};

/// The largest number of operators, names and literals in an option.
pub const MAX_NODES: usize = 2_000;

/// A recursive descent parser.
pub(in crate::odata) struct Parser<'a> {
    source: Source<'a>,
    lexer: Lexer<'a>,
    token: Token<'a>,
    depth: usize,
    nodes: usize,
}

impl<'a> Parser<'a> {
    pub(in crate::odata) fn new(source: Source<'a>) -> Self {
        let mut lexer = Lexer::new(source.text, source.at);
        let token = lexer.next_token();
        Self { source, lexer, token, depth: 0, nodes: 0 }
    }

    /// The text that is parsed.
    pub(in crate::odata) fn source(&self) -> Source<'a> {
        self.source
    }

    /// The next token.
    pub(in crate::odata) fn token(&self) -> Token<'a> {
        self.token
    }

    /// Consumes the next token.
    pub(in crate::odata) fn take(&mut self) -> Token<'a> {
        std::mem::replace(&mut self.token, self.lexer.next_token())
    }

    /// Consumes the next token if it is of this kind. Returns whether it is.
    pub(in crate::odata) fn accept(&mut self, kind: TokenKind) -> bool {
        let found = self.token.kind == kind;
        if found {
            self.take();
        }
        found
    }

    /// Consumes the next token if it is of this kind and is this text in any case. Returns whether it
    /// is.
    pub(in crate::odata) fn accept_text(&mut self, kind: TokenKind, text: &str) -> bool {
        self.token.text.eq_ignore_ascii_case(text) && self.accept(kind)
    }

    /// Consumes the next token, which must be of this kind.
    pub(in crate::odata) fn expect(
        &mut self,
        kind: TokenKind,
        expected: &'static str,
    ) -> Result<()> {
        match self.accept(kind) {
            true => Ok(()),
            false => Err(self.unexpected(expected)),
        }
    }

    /// `path`
    pub(in crate::odata) fn path(&mut self, expected: &'static str) -> Result<PropertyPath> {
        let mut names = vec![self.name(expected)?];
        while self.accept(TokenKind::Slash) {
            names.push(self.name("a name")?);
        }
        Ok(PropertyPath { names })
    }

    /// `name`
    pub(in crate::odata) fn name(&mut self, expected: &'static str) -> Result<Name> {
        let Token { kind, text, at } = self.token;
        if kind != TokenKind::Word || !is_qualified_name(text) {
            return Err(self.unexpected(expected));
        }
        self.spend(at)?;
        self.take();
        Ok(Name { text: text.to_owned(), at })
    }

    /// `literal`, if it is next. A parameter alias is replaced by its literal.
    pub(in crate::odata) fn literal(&mut self) -> Option<Literal> {
        let literal = match self.token.kind {
            TokenKind::Sign => self.source.aliases?.value(self.token.text)?,
            _ => Literal::of(self.token)?,
        };
        self.take();
        Some(literal)
    }

    /// A node of the tree.
    pub(in crate::odata) fn node(&mut self, kind: ExpressionKind, at: usize) -> Result<Expression> {
        self.spend(at)?;
        let expression = Expression::new(kind, at);
        match expression.height() <= MAX_HEIGHT {
            true => Ok(expression),
            false => Err(self.too_deep(at)),
        }
    }

    /// Counts one more operator, name or literal.
    pub(in crate::odata) fn spend(&mut self, at: usize) -> Result<()> {
        self.nodes += 1;
        match self.nodes <= MAX_NODES {
            true => Ok(()),
            false => Err(self.source.refuse(at, SyntaxReason::TooManyNodes { limit: MAX_NODES })),
        }
    }

    /// Begins an expression, which may be inside another.
    pub(in crate::odata) fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        match self.depth <= MAX_HEIGHT {
            true => Ok(()),
            false => Err(self.too_deep(self.token.at)),
        }
    }

    /// Ends what [`Self::enter`] began.
    pub(in crate::odata) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// The error for an unexpected next token.
    pub(in crate::odata) fn unexpected(&self, expected: &'static str) -> Error {
        let Token { kind, text, at } = self.token;
        match kind {
            TokenKind::Unclosed => self.source.refuse(at, SyntaxReason::OpenString),
            TokenKind::Sign => {
                self.source.refuse(at, SyntaxReason::Unsupported { found: text.to_owned() })
            }
            _ => self.source.unexpected(at, text, expected),
        }
    }

    fn too_deep(&self, at: usize) -> Error {
        self.source.refuse(at, SyntaxReason::TooDeep { limit: MAX_HEIGHT })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::odata::{MAX_LENGTH, MAX_LIST_ITEMS};

    fn refusal(text: &str) -> String {
        testing::refusal(Expression::parse(text), "$filter")
    }

    #[test]
    fn height_is_bounded_and_harmless() {
        let deep: [fn(usize) -> String; 7] = [
            |depth| format!("{}a{}", "(".repeat(depth - 1), ")".repeat(depth - 1)),
            |depth| format!("{}a", "not ".repeat(depth - 1)),
            |depth| format!("{}a{}", "f(".repeat(depth - 1), ")".repeat(depth - 1)),
            |depth| format!("a{}", " add a".repeat(depth - 1)),
            |depth| format!("a{}", " in (1)".repeat(depth - 1)),
            |depth| format!("{}a{}", "c/any(x:".repeat(depth - 1), ")".repeat(depth - 1)),
            |depth| format!("{}a{}", "c/$count($filter=".repeat(depth - 1), ")".repeat(depth - 1)),
        ];
        let check = move || {
            for text in deep {
                let kept = Expression::parse(&text(MAX_HEIGHT)).unwrap();
                assert!(kept.clone().height() <= MAX_HEIGHT);
                for depth in [MAX_HEIGHT + 1, 3_000.min(MAX_LENGTH / text(2).len())] {
                    assert!(refusal(&text(depth)).contains("nest deeper than 100"), "{depth}");
                }
            }
        };
        // Half of the stack of a worker. A level takes most without optimization.
        let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn(check);
        thread.unwrap().join().unwrap();
    }

    #[test]
    fn size_is_bounded() {
        let chain = |number| vec!["a"; number].join(" or ");
        assert_eq!(Expression::parse(&chain(500)).unwrap().height(), 2);
        let refused = refusal(&chain(MAX_NODES));
        assert!(refused.contains("more than 2000 operators, names and literals"), "{refused}");
        let list = |number| format!("a in ({})", vec!["1"; number].join(","));
        assert!(Expression::parse(&list(MAX_LIST_ITEMS)).is_ok());
        assert!(refusal(&list(1001)).contains("a list has more than 1000 items"));
    }
}
