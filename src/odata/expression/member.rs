//! The productions of paths, counts, lambdas and lists: whatever is behind a name in an expression.
//! `filter` has the grammar.

use super::lexer::{Token, TokenKind};
use super::parser::Parser;
use super::tree::{
    Expression, ExpressionKind as Kind, List, ListItem, Name, Predicate, PropertyPath,
};
use crate::error::{Result, SyntaxReason};

/// The largest number of items in a list.
pub const MAX_LIST_ITEMS: usize = 1_000;

/// What comes after the path of a member.
enum After {
    Nothing,
    Count,
    /// The name of a lambda; its `(` is read.
    Lambda(Name),
}

impl Parser<'_> {
    /// `member` after its first name
    pub(super) fn member(&mut self, first: Name) -> Result<Kind> {
        let mut path = PropertyPath { names: vec![first] };
        // Frames that stay on the stack for each level of nesting are kept small.
        match self.names(&mut path)? {
            After::Nothing => Ok(Kind::Path(path)),
            After::Count => self.count(path),
            After::Lambda(name) => self.lambda(path, &name),
        }
    }

    /// The other names of a path.
    fn names(&mut self, path: &mut PropertyPath) -> Result<After> {
        while self.accept(TokenKind::Slash) {
            if self.accept_text(TokenKind::Sign, "$count") {
                return Ok(After::Count);
            }
            let name = self.name("a property, 'any', 'all' or '$count'")?;
            if self.accept(TokenKind::Open) {
                return Ok(After::Lambda(name));
            }
            path.names.push(name);
        }
        Ok(After::Nothing)
    }

    /// `count` after `$count`; an empty filter is as if absent
    fn count(&mut self, collection: PropertyPath) -> Result<Kind> {
        let filter = match self.begins_filter()? {
            true => Some(self.closed()?),
            false => None,
        };
        Ok(Kind::Count { collection, filter })
    }

    /// `"(" [ "$" ] "filter" "="`, and `")"` if nothing is between them.
    fn begins_filter(&mut self) -> Result<bool> {
        if !self.accept(TokenKind::Open) {
            return Ok(false);
        }
        let is_named = self.accept_text(TokenKind::Sign, "$filter")
            || self.accept_text(TokenKind::Word, "filter");
        if !is_named {
            let Token { text, at, .. } = self.token();
            return Err(self.source().unexpected(at, text, "'$filter='"));
        }
        self.expect(TokenKind::Equals, "'='")?;
        Ok(!self.accept(TokenKind::Close))
    }

    /// `expression` and the `)` after it
    fn closed(&mut self) -> Result<Box<Expression>> {
        let expression = Box::new(self.expression()?);
        self.expect(TokenKind::Close, "an operator or ')'")?;
        Ok(expression)
    }

    /// `lambda` after its `(`
    fn lambda(&mut self, collection: PropertyPath, name: &Name) -> Result<Kind> {
        let is_any = name.text.eq_ignore_ascii_case("any");
        if !is_any && !name.text.eq_ignore_ascii_case("all") {
            return Err(self.source().unexpected(name.at, &name.text, "'any' or 'all' before '('"));
        }
        if is_any && self.accept(TokenKind::Close) {
            return Ok(Kind::Any { collection, predicate: None });
        }
        let predicate = Predicate { variable: self.variable()?, condition: self.closed()? };
        Ok(match is_any {
            true => Kind::Any { collection, predicate: Some(predicate) },
            false => Kind::All { collection, predicate },
        })
    }

    /// The variable of a predicate and the `:` after it.
    fn variable(&mut self) -> Result<Name> {
        const EXPECTED: &str = "a variable";
        let variable = self.name(EXPECTED)?;
        if variable.text.contains('.') {
            return Err(self.source().unexpected(variable.at, &variable.text, EXPECTED));
        }
        self.expect(TokenKind::Colon, "':' behind the variable")?;
        Ok(variable)
    }

    /// `list`
    pub(super) fn list(&mut self) -> Result<List> {
        if !self.accept(TokenKind::Open) {
            return Ok(List::Path(self.path("a list in parentheses or a collection")?));
        }
        let mut items = Vec::new();
        loop {
            let at = self.token().at;
            if items.len() == MAX_LIST_ITEMS {
                let reason = SyntaxReason::ListTooLong { limit: MAX_LIST_ITEMS };
                return Err(self.source().refuse(at, reason));
            }
            self.spend(at)?;
            let literal = self.literal().ok_or_else(|| self.unexpected("a literal"))?;
            items.push(ListItem { literal, at });
            if !self.accept(TokenKind::Comma) {
                self.expect(TokenKind::Close, "',' or ')'")?;
                return Ok(List::Items(items));
            }
        }
    }
}
