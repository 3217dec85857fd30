//! The code that a device shows and that the user types: eight letters without vowels, so that no code is
//! a word.

use aws_lc_rs::rand;

use crate::error::{Error, Result};

const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// A new code, as the directory keeps it.
pub(super) fn new() -> Result<String> {
    let mut code = String::new();
    while code.len() < LENGTH {
        let mut byte = [0];
        rand::fill(&mut byte).map_err(|error| Error::Internal(error.to_string()))?;
        let index = usize::from(byte[0]);
        // Without this condition, the first letters would be more frequent.
        if index < 256 / LETTERS.len() * LETTERS.len() {
            code.push(char::from(LETTERS[index % LETTERS.len()]));
        }
    }
    Ok(code)
}

/// A code as the user sees it: `BCDF-GHJK`.
pub(super) fn shown(code: &str) -> String {
    let (start, end) = code.split_at(LENGTH / 2);
    format!("{start}-{end}")
}

/// The code that a user typed, as the directory keeps it: in upper case, without spaces and hyphens.
pub(super) fn read(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).take(LENGTH + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_shown_in_any_case_and_with_any_spaces() {
        let code = new().unwrap();
        assert!(code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte)), "{code}");
        let lower = shown(&code).to_ascii_lowercase();
        for typed in [shown(&code), code.clone(), format!(" {} ", lower.replace('-', " "))] {
            assert_eq!(read(&typed), code, "{typed:?}");
        }
        assert_ne!(read(&format!("{code}B")), code, "a longer code is another one");
        assert_ne!(new().unwrap(), code);
    }
}
