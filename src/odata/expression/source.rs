//! A piece of a query option's value, with its column. The columns in errors and trees come from here.
//! Knows the grammar of quotation marks and parentheses only.

use super::alias::Aliases;
use crate::error::{Error, OptionReason, Result, SyntaxReason};

/// The longest value of a query option, in bytes.
pub const MAX_LENGTH: usize = 32 * 1024;

/// A piece of the decoded value of an option.
#[derive(Clone, Copy, Debug)]
pub(in crate::odata) struct Source<'a> {
    /// The name of the option, without `$`, or of the parameter alias, with `@`.
    pub(in crate::odata) option: &'a str,
    /// The piece.
    pub(in crate::odata) text: &'a str,
    /// The column of its first character, from 1.
    pub(in crate::odata) at: usize,
    /// The parameter aliases of the query; `None` where an alias is not allowed.
    pub(in crate::odata) aliases: Option<&'a Aliases>,
}

impl<'a> Source<'a> {
    /// A whole value.
    pub(in crate::odata) fn new(option: &'a str, text: &'a str) -> Result<Self> {
        match text.len() <= MAX_LENGTH {
            true => Ok(Self { option, text, at: 1, aliases: None }),
            false => Err(OptionReason::TooLong { name: option.into(), limit: MAX_LENGTH }.into()),
        }
    }

    /// The same piece, in which these parameter aliases are allowed.
    pub(in crate::odata) fn with_aliases(self, aliases: &'a Aliases) -> Self {
        Self { aliases: Some(aliases), ..self }
    }

    pub(in crate::odata) fn trim(self) -> Self {
        let rest = self.trim_start();
        Self { text: rest.text.trim_end(), ..rest }
    }

    pub(in crate::odata) fn trim_start(self) -> Self {
        self.split_at(self.text.len() - self.text.trim_start().len()).1
    }

    /// The piece before a byte, and the rest; `index` must be a boundary of characters.
    pub(in crate::odata) fn split_at(self, index: usize) -> (Self, Self) {
        let (before, after) = self.text.split_at(index);
        let at = self.at + before.chars().count();
        (Self { text: before, ..self }, Self { text: after, at, ..self })
    }

    /// Splits it at each separator outside of quotation marks and parentheses.
    pub(in crate::odata) fn split(self, separator: char) -> Result<Vec<Self>> {
        let mut parts = Vec::new();
        let mut part = self;
        let mut quote = None;
        let mut open = Vec::new();
        for ((index, character), at) in self.text.char_indices().zip(self.at..) {
            match (character, quote) {
                ('\'', None) => quote = Some(at),
                ('\'', Some(_)) => quote = None,
                (_, Some(_)) => {}
                ('(', None) => open.push(at),
                (')', None) if open.pop().is_none() => {
                    return Err(self.refuse(at, SyntaxReason::NotOpened));
                }
                (_, None) if character == separator && open.is_empty() => {
                    let end = index - (self.text.len() - part.text.len());
                    let (before, rest) = part.split_at(end);
                    parts.push(before);
                    part = rest.split_at(separator.len_utf8()).1;
                }
                _ => {}
            }
        }
        match (quote, open.pop()) {
            (Some(at), _) => Err(self.refuse(at, SyntaxReason::OpenString)),
            (None, Some(at)) => Err(self.refuse(at, SyntaxReason::NotClosed)),
            (None, None) => {
                parts.push(part);
                Ok(parts)
            }
        }
    }

    /// The error for a reason at a column of the option's value.
    pub(in crate::odata) fn refuse(self, column: usize, reason: SyntaxReason) -> Error {
        OptionReason::Syntax { name: self.option.to_owned(), column, reason }.into()
    }

    /// The error for an unexpected token; an empty token is the end.
    pub(in crate::odata) fn unexpected(
        self,
        column: usize,
        found: &str,
        expected: &'static str,
    ) -> Error {
        self.refuse(column, SyntaxReason::Unexpected { found: found.to_owned(), expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(&str, usize)> {
        let parts = Source::new("expand", text).unwrap().split(',').unwrap();
        parts.into_iter().map(|part| (part.trim().text, part.trim().at)).collect()
    }

    #[test]
    fn a_separator_parts_only_outside_quotes_and_parentheses() {
        assert_eq!(parts("a, b"), [("a", 1), ("b", 4)]);
        assert_eq!(parts("a(b,c),d"), [("a(b,c)", 1), ("d", 8)]);
        assert_eq!(parts("',)''(,',é,ü"), [("',)''(,'", 1), ("é", 10), ("ü", 12)]);
        assert_eq!(parts(",  "), [("", 1), ("", 4)]);
    }

    #[test]
    fn what_does_not_pair_is_refused_where_it_stands() {
        let cases = [("a,'b", "column 3"), ("é(a,(b)", "column 2"), ("a)", "column 2")];
        for (text, column) in cases {
            let refused = Source::new("expand", text).unwrap().split(',').unwrap_err();
            assert!(refused.row().message.contains(column), "{text}: {}", refused.row().message);
        }
    }

    #[test]
    fn length_is_bounded() {
        assert!(Source::new("filter", &"a".repeat(MAX_LENGTH)).is_ok());
        let refused = Source::new("filter", &"a".repeat(MAX_LENGTH + 1)).unwrap_err();
        assert_eq!(
            refused.row().message,
            "The value of $filter is longer than the limit of 32768 bytes."
        );
    }
}
