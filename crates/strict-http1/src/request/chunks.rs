//! A chunked body: where its chunks and the body end, and whether its framing is exactly that of
//! RFC 9112 §7.1. It looks at every byte and keeps none; the HTTP server decodes the chunks.

use crate::refusal::{HeadersTooLarge, Malformed, Refusal, Result, malformed};
use crate::settings::Limits;

/// The most digits that the size of a chunk may have.
const MAX_DIGITS: u8 = 16;

/// A body under way.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    at: At,
    size: usize,
    digits: u8,
    total: usize,
    metadata: usize,
}

/// Which part comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum At {
    #[default]
    Size,
    SizeSpace,
    Extension,
    SizeEnd,
    Data,
    DataReturn,
    DataEnd,
    Trailer,
    TrailerName,
    TrailerValue,
    TrailerEnd,
    LastEnd,
    End,
}

impl Chunks {
    /// How many of these bytes belong to the body. Fewer than all only where it ends.
    ///
    /// # Errors
    /// Where the framing is not that of chunks, or the body is too large.
    pub(super) fn advance(&mut self, bytes: &[u8], limits: &Limits) -> Result<usize> {
        let mut index = 0;
        while index < bytes.len() && self.at != At::End {
            if self.at == At::Data {
                let taken = self.size.min(bytes.len() - index);
                self.size -= taken;
                index += taken;
                if self.size == 0 {
                    self.at = At::DataReturn;
                }
            } else {
                self.at = self.step(bytes[index], limits)?;
                index += 1;
            }
        }
        Ok(index)
    }

    /// Whether the body has come to its end.
    pub(super) fn is_over(&self) -> bool {
        self.at == At::End
    }

    fn step(&mut self, byte: u8, limits: &Limits) -> Result<At> {
        Ok(match (self.at, byte) {
            (At::Size, _) if byte.is_ascii_hexdigit() => self.read_digit(byte)?,
            (At::Size | At::SizeSpace, b' ' | b'\t') if self.digits > 0 => {
                self.count_metadata(At::SizeSpace, limits)?
            }
            (At::Size | At::SizeSpace, b';') if self.digits > 0 => {
                self.count_metadata(At::Extension, limits)?
            }
            (At::Size, b'\r') if self.digits > 0 => At::SizeEnd,
            (At::Extension, b'\r') => At::SizeEnd,
            (At::Extension, _) if is_text(byte) => self.count_metadata(At::Extension, limits)?,
            (At::SizeEnd, b'\n') => self.start_chunk(limits)?,
            (At::DataReturn, b'\r') => At::DataEnd,
            (At::DataEnd, b'\n') => At::Size,
            (At::Trailer, b'\r') => At::LastEnd,
            (At::Trailer | At::TrailerName, _) if is_token(byte) => {
                self.count_metadata(At::TrailerName, limits)?
            }
            (At::TrailerName, b':') => self.count_metadata(At::TrailerValue, limits)?,
            (At::TrailerValue, b'\r') => self.count_metadata(At::TrailerEnd, limits)?,
            (At::TrailerValue, _) if is_text(byte) => {
                self.count_metadata(At::TrailerValue, limits)?
            }
            (At::TrailerEnd, b'\n') => self.count_metadata(At::Trailer, limits)?,
            (At::LastEnd, b'\n') => At::End,
            (at, _) => return malformed(fault(at)),
        })
    }

    fn read_digit(&mut self, byte: u8) -> Result<At> {
        let digit = char::from(byte).to_digit(16).unwrap_or_default();
        self.size = self.size.saturating_mul(16).saturating_add(digit as usize);
        self.digits += 1;
        match self.digits <= MAX_DIGITS {
            true => Ok(At::Size),
            false => malformed(Malformed::ChunkSize),
        }
    }

    /// After the line with the size of a chunk.
    fn start_chunk(&mut self, limits: &Limits) -> Result<At> {
        self.digits = 0;
        self.total = self.total.saturating_add(self.size);
        match self.size {
            _ if self.total > limits.body => Err(Refusal::BodyTooLarge { limit: limits.body }),
            0 => Ok(At::Trailer),
            _ => Ok(At::Data),
        }
    }

    /// Counts a byte that is not part of the content.
    fn count_metadata(&mut self, next: At, limits: &Limits) -> Result<At> {
        self.metadata += 1;
        let limit = limits.chunk_metadata;
        match self.metadata <= limit {
            true => Ok(next),
            false => Err(HeadersTooLarge::ChunkMetadata { limit }.into()),
        }
    }
}

/// What is wrong where the next byte does not fit.
fn fault(at: At) -> Malformed {
    match at {
        At::Size | At::SizeSpace | At::Extension | At::SizeEnd => Malformed::ChunkSize,
        At::Data | At::DataReturn | At::DataEnd => Malformed::ChunkEnd,
        _ => Malformed::Trailer,
    }
}

/// Whether a byte may stand in a value: no control character but a tab.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Whether a byte may stand in a name.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The length of the body at the start of a text, where it is whole.
    fn whole(text: &str) -> Option<usize> {
        let mut chunks = Chunks::default();
        let taken = chunks.advance(text.as_bytes(), &Limits::default()).ok()?;
        chunks.is_over().then_some(taken)
    }

    fn refusal(text: &str) -> Refusal {
        let refused = Chunks::default().advance(text.as_bytes(), &Limits::default());
        refused.expect_err(text)
    }

    #[test]
    fn a_body_ends_where_its_last_chunk_says() {
        for body in [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "00000005\r\nhello\r\n000\r\n\r\n",
            "a;x=\"y\"\r\n0123456789\r\nA \t;z\r\n0123456789\r\n0\r\n\r\n",
            "0\r\nX-Check: 1\r\nY:\r\n\r\n",
        ] {
            assert_eq!(whole(&format!("{body}GET /")), Some(body.len()), "{body:?}");
            let mut chunks = Chunks::default();
            for byte in body.bytes() {
                assert!(!chunks.is_over());
                assert_eq!(chunks.advance(&[byte], &Limits::default()), Ok(1));
            }
            assert!(chunks.is_over(), "{body:?}");
        }
    }

    #[test]
    fn many_short_trailers_are_too_long_together() {
        let trailers = |count| format!("0\r\n{}\r\n", "X: y\r\n".repeat(count));
        let most = Limits::default().chunk_metadata / "X: y\r\n".len();
        assert!(whole(&trailers(most)).is_some());
        assert!(matches!(refusal(&trailers(most + 1)), Refusal::HeadersTooLarge(_)));
    }

    #[test]
    fn other_framing_is_refused() {
        for body in [
            "\r\n",
            "x\r\n",
            "-1\r\n",
            "+1\r\n",
            "0x1\r\n",
            " 1\r\n",
            "1 \r\n",
            "1\n",
            "1\rx",
            ";x\r\n",
            "1;x\0\r\n",
            "1;x\n",
            "1\r\nab",
            "1\r\na\n",
            "00000000000000000\r\n",
            "0\r\n X: 1\r\n",
            "0\r\nX : 1\r\n",
            "0\r\nX\r\n",
            "0\r\nX: \0\r\n",
            "0\r\nX: 1\n",
            "0\r\n\n",
        ] {
            let refusal = refusal(body);
            assert!(matches!(refusal, Refusal::Malformed(_)), "{body:?}: {refusal:?}");
        }
    }

    #[test]
    fn a_body_is_bounded_before_it_is_read() {
        for body in ["400001\r\n", "ffffffffffffffff\r\n"] {
            assert_eq!(refusal(body), Refusal::BodyTooLarge { limit: Limits::default().body });
        }
        let limit = Limits::default().chunk_metadata;
        let endless = format!("1;{}", "x".repeat(limit));
        assert_eq!(refusal(&endless), HeadersTooLarge::ChunkMetadata { limit }.into());
    }
}
