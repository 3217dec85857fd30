//! Writes the body of a request in another way that means the same, where the body is JSON.

use runstate::odata::Charset;

use super::call::Call;
use super::dice::Dice;

/// Rarely changes the quotation marks, the charset, or adds a byte order mark.
pub(super) fn respell(dice: &mut Dice, call: &mut Call) {
    let Ok(text) = std::str::from_utf8(&call.body) else { return };
    if text.is_empty() {
        return;
    }
    match dice.below(20) {
        0 => call.body = format!("\u{feff}{text}").into_bytes(),
        1 if !call.path.contains("$batch") => call.body = in_apostrophes(text).into_bytes(),
        2 if !call.path.contains("$batch") => {
            let (name, charset) = dice.pick(&Charset::ALL);
            call.body = charset.encode(text);
            call.headers.retain(|(name, _)| name != "Content-Type");
            call.header("Content-Type", &format!("application/json; charset={name}"));
        }
        _ => {}
    }
}

/// JSON with apostrophes for quotation marks.
fn in_apostrophes(json: &str) -> String {
    let mut written = String::new();
    let mut characters = json.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => written.push('\''),
            '\'' => written.push_str("\\'"),
            '\\' => match characters.next() {
                Some('"') => written.push('"'),
                escaped => written.extend(['\\'].into_iter().chain(escaped)),
            },
            other => written.push(other),
        }
    }
    written
}
