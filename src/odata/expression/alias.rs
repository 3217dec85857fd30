//! Parameter aliases: in an expression, `@p` is the literal that the query gives as `@p=…`.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{Lexer, TokenKind, is_identifier};
use super::literal::Literal;
use super::parser::Parser;
use super::source::Source;
use crate::error::{OptionReason, Result};

/// The parameter aliases that a query gives, by their names with `@`.
#[derive(Clone, Debug, Default)]
pub(in crate::odata) struct Aliases(BTreeMap<String, Alias>);

#[derive(Clone, Debug)]
struct Alias {
    text: String,
    literal: Literal,
}

impl Aliases {
    /// Whether a text is the name of an alias: `@` and an identifier.
    pub(in crate::odata) fn is_name(text: &str) -> bool {
        text.strip_prefix('@').is_some_and(is_identifier)
    }

    /// The names of the aliases in a text that was read already.
    pub(in crate::odata) fn names_in(text: &str) -> BTreeSet<&str> {
        let mut lexer = Lexer::new(text, 1);
        let tokens = std::iter::from_fn(move || {
            Some(lexer.next_token()).filter(|token| token.kind != TokenKind::End)
        });
        tokens.map(|token| token.text).filter(|text| Self::is_name(text)).collect()
    }

    /// The name of the alias at a column of a text that was read already and starts at column `start`.
    pub(in crate::odata) fn name_at(text: &str, start: usize, column: usize) -> Option<&str> {
        let mut lexer = Lexer::new(text, start);
        let tokens = std::iter::from_fn(move || {
            Some(lexer.next_token()).filter(|token| token.kind != TokenKind::End)
        });
        let mut tokens = tokens.skip_while(|token| token.at < column);
        let token = tokens.next().filter(|token| token.at == column);
        token.map(|token| token.text).filter(|text| Self::is_name(text))
    }

    /// Adds an alias of this name, whose value must be one literal.
    pub(in crate::odata) fn add(&mut self, name: &str, value: &str) -> Result<()> {
        let source = Source::new(name, value)?.trim();
        let alias = Alias { text: source.text.to_owned(), literal: literal(source)? };
        match self.0.insert(name.to_owned(), alias) {
            None => Ok(()),
            Some(_) => Err(OptionReason::Repeated { name: name.into() }.into()),
        }
    }

    /// The value of the alias `name` in an expression: null if the query does not give it, as OData
    /// has it. `None` if that is no name of an alias.
    pub(super) fn value(&self, name: &str) -> Option<Literal> {
        let given = || self.0.get(name).map_or(Literal::Null, |alias| alias.literal.clone());
        Self::is_name(name).then(given)
    }

    /// The value of an alias as the client wrote it, if the query gives it.
    pub(in crate::odata) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|alias| alias.text.as_str())
    }

    /// The names of the aliases that the query gives.
    pub(in crate::odata) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn literal(source: Source<'_>) -> Result<Literal> {
    let mut parser = Parser::new(source);
    let literal = parser.literal().ok_or_else(|| parser.unexpected("a literal"))?;
    parser.expect(TokenKind::End, "the end")?;
    Ok(literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_at_sign_and_an_identifier() {
        for name in ["@p", "@_1", "@ä"] {
            assert!(Aliases::is_name(name), "{name}");
        }
        for text in ["p", "@", "@1", "@a.b", "$p", "@ p"] {
            assert!(!Aliases::is_name(text), "{text}");
        }
    }

    #[test]
    fn names_are_found_outside_of_strings_only() {
        let text = "a eq @p and b in (@q,'@r') and c eq n.t'@s' and d eq @p";
        assert_eq!(Aliases::names_in(text), BTreeSet::from(["@p", "@q"]));
    }

    #[test]
    fn a_value_is_one_literal() {
        let mut aliases = Aliases::default();
        aliases.add("@p", " 'it''s' ").unwrap();
        assert_eq!(aliases.value("@p"), Some(Literal::String("it's".into())));
        assert_eq!(aliases.text("@p"), Some("'it''s'"));
        assert_eq!(aliases.value("@q"), Some(Literal::Null));
        assert_eq!(aliases.value("$q"), None);
        let cases = [
            (
                "",
                "The value of @a is not valid at column 1: found the end where a literal was expected.",
            ),
            (
                "b",
                "The value of @a is not valid at column 1: found 'b' where a literal was expected.",
            ),
            (
                "1 2",
                "The value of @a is not valid at column 3: found '2' where the end was expected.",
            ),
            ("@p", "The value of @a is not valid at column 1: '@p' is not supported."),
            (
                "(1,2)",
                "The value of @a is not valid at column 1: found '(' where a literal was expected.",
            ),
        ];
        for (value, message) in cases {
            assert_eq!(aliases.add("@a", value).unwrap_err().row().message, message);
        }
        let twice = aliases.add("@p", "1").unwrap_err().row().message;
        assert_eq!(twice, "The query option '@p' is given more than once.");
    }
}
