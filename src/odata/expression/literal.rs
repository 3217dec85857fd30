//! The literals of an expression. A string loses its quotation marks. All others stay as they are
//! written, because their type depends on the other operand.

use super::lexer::{Token, TokenKind, is_guid};

/// A value as the client wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// `-1`, `1.5`, `1e3`, `INF`, `-INF` or `NaN`, as written.
    Number(String),
    /// The text between the quotation marks, in which doubled ones are single.
    String(String),
    /// Any other word that is not a name: a date, a time, a GUID, or a word that begins like one.
    Word(String),
    /// `duration'PT1S'`, `microsoft.graph.runState'success'`
    Typed {
        /// The word before the quotation marks: an identifier, or several with dots between them.
        type_name: String,
        /// The text between them, in which doubled ones are single.
        text: String,
    },
}

impl Literal {
    /// The literal of a token.
    pub(super) fn of(token: Token<'_>) -> Option<Self> {
        match token.kind {
            TokenKind::Word => word(token.text),
            TokenKind::String => Some(Self::String(unquote(token.text))),
            TokenKind::Typed => {
                let (type_name, string) = token.text.split_at(token.text.find('\'')?);
                Some(Self::Typed { type_name: type_name.to_owned(), text: unquote(string) })
            }
            _ => None,
        }
    }
}

fn word(text: &str) -> Option<Literal> {
    let is = |keyword: &str| text.eq_ignore_ascii_case(keyword);
    let like_a_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if is("null") {
        Some(Literal::Null)
    } else if is("true") || is("false") {
        Some(Literal::Boolean(is("true")))
    } else if is_number(text) || matches!(text, "INF" | "-INF" | "NaN") {
        Some(Literal::Number(text.to_owned()))
    } else {
        (like_a_number || is_guid(text)).then(|| Literal::Word(text.to_owned()))
    }
}

/// `[-]digits[.digits][e[+|-]digits]`
fn is_number(word: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    [whole, fraction, exponent].into_iter().all(is_digits)
}

/// `'it''s'` → `it's`
fn unquote(string: &str) -> String {
    let inner = string.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.unwrap_or(string).replace("''", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_other_words() {
        let numbers = ["0", "-1", "1.50", "1e3", "1E+3", "-1.5e-3", "INF", "-INF", "NaN"];
        for text in numbers {
            assert_eq!(word(text), Some(Literal::Number(text.into())));
        }
        for text in ["1.", "1.e3", "1e", "1L", "0x1", "1-2", "1:2", "-1e5-", "2017-01-01"] {
            assert_eq!(word(text), Some(Literal::Word(text.into())));
        }
    }

    #[test]
    fn a_name_is_no_literal() {
        assert_eq!(word("NULL"), Some(Literal::Null));
        assert_eq!(word("True"), Some(Literal::Boolean(true)));
        for text in ["inf", "nan", "e1", "abcdef01-2345", "nullable"] {
            assert_eq!(word(text), None, "{text}");
        }
    }
}
