//! Numbers of a JSON text.

use super::Json;
use super::reader::{JsonReader, Read};
use crate::error::JsonReason;

impl JsonReader<'_> {
    /// `[ "-" ] ( "0" / 1-9 *DIGIT ) [ "." 1*DIGIT ] [ "e" [ "+" / "-" ] 1*DIGIT ]`
    pub(super) fn number(&mut self) -> Read<Json> {
        let start = self.at;
        let is_negative = self.skip(b"-");
        if !self.skip(b"0") {
            self.digits()?;
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        match text.parse() {
            // Only a floating-point number has a negative zero.
            Ok(0) if is_negative => return Ok(Json::Number(-0.0)),
            Ok(value) => return Ok(Json::Integer(value)),
            Err(_) => {}
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Json::Number(value)),
            _ => Err(self.fault(start, JsonReason::NumberOutOfRange)),
        }
    }

    fn digits(&mut self) -> Read<()> {
        if !self.skip(b"0123456789") {
            return Err(self.unexpected("a digit"));
        }
        while self.skip(b"0123456789") {}
        Ok(())
    }

    /// Reads one byte if it is among these, which are ASCII.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let is_next = self.text.as_bytes().get(self.at).is_some_and(|next| bytes.contains(next));
        self.at += usize::from(is_next);
        is_next
    }
}
