//! Writes the body of a request in another way that means the same, where the body is JSON. Reads such
//! bodies.

use runstate::odata::{Charset, Json as Read};
use serde_json::Value as Json;

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

/// The JSON of a body in UTF-8 that the server has accepted, in whichever way it is written.
pub(super) fn read(body: &[u8]) -> Result<Json, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Read::parse(text).map(plain).map_err(|error| error.to_string())
}

fn plain(json: Read) -> Json {
    match json {
        Read::Null => Json::Null,
        Read::Boolean(truth) => truth.into(),
        Read::Integer(number) => number.into(),
        Read::Number(number) => match number.integer() {
            Some(integer) => integer.into(),
            None => number.double().into(),
        },
        Read::String(text) => text.into(),
        Read::Array(items) => items.into_iter().map(plain).collect(),
        Read::Object(members) => {
            members.into_iter().map(|(name, member)| (name, plain(member))).collect()
        }
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
