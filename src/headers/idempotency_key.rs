//! The `Idempotency-Key` header. A key is a string of RFC 8941, in quotation marks, or bare as most
//! clients send it; both spell the same key.

use crate::error::{HeaderReason, Result};
use crate::message::Headers;

/// The longest key, in characters. A UUID has 36.
pub const MAX_KEY_LENGTH: usize = 255;

/// Reads the key; `None` where there is no such header.
pub(super) fn idempotency_key(headers: &Headers) -> Result<Option<String>> {
    let mut values = headers.all("idempotency-key");
    let Some(value) = values.next() else { return Ok(None) };
    let key = match values.next() {
        None => key(value.trim_matches([' ', '\t'])),
        Some(_) => None,
    };
    let key = key.filter(|key| (1..=MAX_KEY_LENGTH).contains(&key.len()));
    let invalid = HeaderReason::IdempotencyKey { limit: MAX_KEY_LENGTH };
    key.map(Some).ok_or_else(|| invalid.into())
}

fn key(value: &str) -> Option<String> {
    match value.strip_prefix('"') {
        Some(rest) => quoted(rest.strip_suffix('"')?),
        None => Some(value.to_owned()).filter(|key| key.bytes().all(is_bare)),
    }
}

fn is_bare(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"\\,;".contains(&byte)
}

/// What stands between the quotation marks; a backslash stands before one, and before itself.
fn quoted(text: &str) -> Option<String> {
    let mut key = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        key.push(match character {
            '\\' => characters.next().filter(|next| ['"', '\\'].contains(next))?,
            ' '..='~' if character != '"' => character,
            _ => return None,
        });
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn read(values: &[&str]) -> Option<String> {
        let headers: Headers = values.iter().map(|value| ("Idempotency-Key", *value)).collect();
        idempotency_key(&headers).unwrap()
    }

    #[test]
    fn a_key_is_the_same_in_quotation_marks_and_bare() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["8e03978e-40d5"]), read(&[" \"8e03978e-40d5\" "]));
        assert_eq!(read(&["a/b=c:d"]).unwrap(), "a/b=c:d");
        assert_eq!(read(&[r#""a \"b\\, c; d""#]).unwrap(), r#"a "b\, c; d"#);
        assert_eq!(read(&[&"x".repeat(MAX_KEY_LENGTH)]).unwrap().len(), MAX_KEY_LENGTH);
    }

    #[test]
    fn what_is_no_single_key_is_refused_by_the_headers_name() {
        let long = "x".repeat(MAX_KEY_LENGTH + 1);
        for values in [
            &[""][..],
            &["\"\""],
            &["\""],
            &["a", "a"],
            &["\"a\", \"b\""],
            &["\"a\";b=c"],
            &["a,b"],
            &["a b"],
            &["a\"b"],
            &["\"a\\b\""],
            &["\"a\\\""],
            &["\"a"],
            &["ä"],
            &["\"ä\""],
            &["\"a\tb\""],
            &[&long],
        ] {
            let headers: Headers = values.iter().map(|value| ("Idempotency-Key", *value)).collect();
            match idempotency_key(&headers) {
                Err(Error::Header(reason)) => {
                    assert!(reason.to_string().contains("Idempotency-Key"));
                }
                other => panic!("{values:?}: {other:?}"),
            }
        }
    }
}
