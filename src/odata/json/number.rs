//! Numbers of a JSON text. A number keeps the text that the client wrote, so that no digit is lost on
//! the way to its type.

use super::Json;
use super::reader::{JsonReader, Read};
use crate::error::JsonReason;

/// The most digits that an `i64` has.
const INTEGER_DIGITS: usize = 19;

/// A number as the client wrote it. It is in the range of a double.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// The text of the number.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.0
    }

    /// The double that is nearest to the number.
    #[must_use]
    pub fn double(&self) -> Option<f64> {
        self.0.parse().ok()
    }

    /// The same number as an integer, such as 100 for `1e2` and 1 for `1.0`; `None` where it has a
    /// fraction or does not fit. It is calculated from the digits, so nothing is rounded.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        let (sign, text) = match self.0.strip_prefix('-') {
            Some(text) => ("-", text),
            None => ("", &*self.0),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Some(0);
        }
        // The number is `significant` with so many zeros behind it.
        let zeros = digits.len() - significant.len();
        let zeros = exponent.parse::<i64>().ok()?.checked_add(i64::try_from(zeros).ok()?)?;
        let zeros = zeros.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros <= INTEGER_DIGITS)?;
        format!("{sign}{significant}{}", "0".repeat(zeros)).parse().ok()
    }
}

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
            // Only a double has a negative zero.
            Ok(0) if is_negative => {}
            Ok(value) => return Ok(Json::Integer(value)),
            Err(_) => {}
        }
        let is_in_range = text.parse().is_ok_and(f64::is_finite);
        match is_in_range {
            true => Ok(Json::Number(Number(text.to_owned()))),
            false => Err(self.fault(start, JsonReason::NumberOutOfRange)),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(text: &str) -> Option<i64> {
        Number(text.to_owned()).integer()
    }

    #[test]
    fn a_whole_number_in_any_notation_is_an_integer() {
        for (text, value) in [
            ("1.0", 1),
            ("1e2", 100),
            ("1.50E+1", 15),
            ("-20e-1", -2),
            ("0.00001e5", 1),
            ("-0", 0),
            ("0e-99999999999999999999", 0),
            ("0.000e99", 0),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("1e18", 1_000_000_000_000_000_000),
            ("9223372036854775807.000", i64::MAX),
            ("-9223372036854775808.0", i64::MIN),
            ("-9.223372036854775808e18", i64::MIN),
        ] {
            assert_eq!(integer(text), Some(value), "{text}");
        }
        let long = format!("{}e-400", "1".to_owned() + &"0".repeat(400));
        assert_eq!(integer(&long), Some(1));
    }

    #[test]
    fn a_number_with_a_fraction_or_out_of_range_is_none() {
        for text in [
            "1.00000000000000000001",
            "0.99999999999999999999",
            "2147483647.0000000001",
            "1e-400",
            "1e-99999999999999999999",
            "1.5",
            "15e-1",
            "9223372036854775808",
            "-9223372036854775809",
            "1e19",
            "10e18",
            "1e99999999999999999999",
            "1.0e9223372036854775807",
        ] {
            assert_eq!(integer(text), None, "{text}");
        }
    }
}
