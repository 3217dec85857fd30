//! The text of an expression → tokens, one at a time. Knows no grammar. The lexer never fails: a
//! character that begins no token is a token of the kind `Unknown`.

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::odata) enum TokenKind {
    /// A name, an operator, a number, or any other literal without quotes.
    Word,
    /// `'…'`, in which a quotation mark is doubled.
    String,
    /// A word and a string without a blank between them: `duration'PT1S'`.
    Typed,
    /// `$it`, `$count`, `@alias`: a sign and a name.
    Sign,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `/`
    Slash,
    /// `:`
    Colon,
    /// `=`
    Equals,
    /// `-` that is not the sign of a number.
    Minus,
    /// `'` without a closing one.
    Unclosed,
    /// Any other character.
    Unknown,
    /// The end of the text.
    End,
}

/// A token: a piece of the text.
#[derive(Clone, Copy, Debug)]
pub(in crate::odata) struct Token<'a> {
    pub(in crate::odata) kind: TokenKind,
    /// As written; empty at the end.
    pub(in crate::odata) text: &'a str,
    /// The column of its first character, from 1.
    pub(in crate::odata) at: usize,
}

/// The rest of a text, and its column.
#[derive(Clone, Debug)]
pub(in crate::odata) struct Lexer<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// A lexer for a text whose first character is at a column.
    pub(in crate::odata) fn new(text: &'a str, at: usize) -> Self {
        Self { rest: text, at }
    }

    /// The next token. After the last one, it is always the end.
    pub(in crate::odata) fn next_token(&mut self) -> Token<'a> {
        let blank = prefix(self.rest, |character| character.is_ascii_whitespace());
        self.take(blank);
        let (kind, length) = token(self.rest);
        let at = self.at;
        Token { kind, text: self.take(length), at }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.at += taken.chars().count();
        taken
    }
}

/// Whether a word is one identifier, or several with dots between them.
pub(in crate::odata) fn is_qualified_name(word: &str) -> bool {
    word.split('.').all(is_identifier)
}

/// Whether a word is one identifier.
pub(in crate::odata) fn is_identifier(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && word.chars().all(|character| character.is_alphanumeric() || character == '_')
}

/// Whether a word is a GUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(in crate::odata) fn is_guid(word: &str) -> bool {
    word.len() == GUID_LENGTH && begins_guid(word)
}

const GUID_LENGTH: usize = 36;

/// The kind and the length in bytes of the token with which a text begins.
fn token(text: &str) -> (TokenKind, usize) {
    let Some(first) = text.chars().next() else {
        return (TokenKind::End, 0);
    };
    match first {
        '(' => (TokenKind::Open, 1),
        ')' => (TokenKind::Close, 1),
        ',' => (TokenKind::Comma, 1),
        '/' => (TokenKind::Slash, 1),
        ':' => (TokenKind::Colon, 1),
        '=' => (TokenKind::Equals, 1),
        '\'' => string_length(text).map_or((TokenKind::Unclosed, 1), |it| (TokenKind::String, it)),
        '$' | '@' => (TokenKind::Sign, 1 + prefix(&text[1..], is_of_name)),
        '-' if begins_number(&text[1..]) => (TokenKind::Word, word_length(text)),
        '-' => (TokenKind::Minus, 1),
        '_' => word_or_typed(text),
        _ if first.is_alphabetic() || first.is_ascii_digit() => word_or_typed(text),
        _ => (TokenKind::Unknown, first.len_utf8()),
    }
}

fn word_or_typed(text: &str) -> (TokenKind, usize) {
    let word = word_length(text);
    match is_qualified_name(&text[..word]).then(|| string_length(&text[word..])).flatten() {
        Some(string) => (TokenKind::Typed, word + string),
        None => (TokenKind::Word, word),
    }
}

/// The length of a word. A word that begins with a digit may contain the signs of dates and exponents;
/// a name may not, so that `x:x` is three tokens.
fn word_length(text: &str) -> usize {
    if begins_guid(text) {
        return GUID_LENGTH;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let of_word = match unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        true => |character| is_of_name(character) || matches!(character, ':' | '+' | '-'),
        false => is_of_name,
    };
    text.len() - unsigned.len() + prefix(unsigned, of_word)
}

/// The length of the string with which a text begins, its quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut quotes = text.strip_prefix('\'')?.match_indices('\'');
    while let Some((index, _)) = quotes.next() {
        // Both indices count from after the first quotation mark.
        match text[index + 2..].starts_with('\'') {
            true => quotes.next(),
            false => return Some(index + 2),
        };
    }
    None
}

fn begins_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        || &text[..prefix(text, is_of_name)] == "INF"
}

/// Whether the first [`GUID_LENGTH`] bytes are a GUID and a whole word.
fn begins_guid(text: &str) -> bool {
    let is_of_guid = |(index, byte): (usize, &u8)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let Some(guid) = text.as_bytes().get(..GUID_LENGTH) else {
        return false;
    };
    // The 36 bytes are ASCII, so the rest begins at the boundary of a character.
    guid.iter().enumerate().all(is_of_guid)
        && !text[GUID_LENGTH..].starts_with(|next| is_of_name(next) || next == '-')
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.')
}

/// The length in bytes of the longest prefix whose characters all pass.
fn prefix(text: &str, passes: impl Fn(char) -> bool) -> usize {
    text.find(|character| !passes(character)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::TokenKind::*;
    use super::*;

    fn tokens(text: &str) -> Vec<(TokenKind, &str, usize)> {
        let mut lexer = Lexer::new(text, 1);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.next_token();
            if token.kind == End {
                return tokens;
            }
            tokens.push((token.kind, token.text, token.at));
        }
    }

    #[test]
    fn a_token_knows_its_column() {
        let expected = [(Word, "é", 1), (Word, "eq", 3), (String, "'ü''ü'", 6), (Close, ")", 12)];
        assert_eq!(tokens("é eq 'ü''ü')"), expected);
        assert_eq!(tokens("x:x"), [(Word, "x", 1), (Colon, ":", 2), (Word, "x", 3)]);
        assert_eq!(tokens("a/$count"), [(Word, "a", 1), (Slash, "/", 2), (Sign, "$count", 3)]);
        assert_eq!(tokens("$a=@b"), [(Sign, "$a", 1), (Equals, "=", 3), (Sign, "@b", 4)]);
    }

    #[test]
    fn literals_without_quotes_are_one_word() {
        let words = [
            "1",
            "-1.5e-3",
            "1e+5",
            "-INF",
            "2017-01-01T00:02:58.4418045-08:00",
            "2017-01-01T00:02+01:00",
            "12:30:00.5",
            "abcdef01-2345-6789-abcd-ef0123456789",
            "01234567-89ab-cdef-0123-456789abcdef",
        ];
        for word in words {
            assert_eq!(tokens(word), [(Word, word, 1)]);
        }
        assert_eq!(tokens("-a"), [(Minus, "-", 1), (Word, "a", 2)]);
        assert_eq!(tokens("-INFO"), [(Minus, "-", 1), (Word, "INFO", 2)]);
    }

    #[test]
    fn a_string_at_once_after_a_word_belongs_to_it() {
        let typed = "microsoft.graph.runState'success'";
        assert_eq!(tokens(typed), [(Typed, typed, 1)]);
        assert_eq!(tokens("a ''"), [(Word, "a", 1), (String, "''", 3)]);
        assert_eq!(tokens("1'a'"), [(Word, "1", 1), (String, "'a'", 2)]);
    }

    #[test]
    fn what_is_no_token_is_handed_on() {
        assert_eq!(tokens("'a''"), [(Unclosed, "'", 1), (Typed, "a''", 2)]);
        assert_eq!(tokens("#é"), [(Unknown, "#", 1), (Word, "é", 2)]);
        assert_eq!(tokens("٢"), [(Unknown, "٢", 1)]);
    }
}
