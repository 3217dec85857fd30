//! Where a head ends, in whatever pieces it arrives: each byte is looked at once. It knows lines
//! and their lengths, not what the lines say.

use memchr::memchr_iter;

use crate::refusal::{HeadersTooLarge, Malformed, Refusal, Result, malformed};
use crate::settings::Limits;

/// What a request line has besides its target, at most: a method, a version, spaces.
const MAX_AROUND_TARGET: usize = 256;
/// How many bytes of empty lines may stand before a request line: four lines.
const MAX_EMPTY_LINES: usize = 8;
/// A longer beginning is checked only where a line has come to its end: else a client could have
/// one long line checked again with each of its bytes.
const SHORT: usize = 512;

/// The search for the end of one head.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// How many bytes have been looked at.
    at: usize,
    /// Where the line under way starts.
    line: usize,
    /// Where the headers start; 0 while the request line has no end.
    headers: usize,
}

/// What is known of the end of a head.
#[derive(Debug, PartialEq)]
pub(super) enum HeadEnd {
    /// The head has so many bytes.
    At(usize),
    /// It comes later; a line has ended, or little has come: worth a check.
    LineLater,
    /// It comes later.
    Later,
}

impl Search {
    /// Looks at a head from its start on, after more bytes may have come.
    ///
    /// # Errors
    /// Where a line ends without a carriage return, or the head is too large.
    pub(super) fn advance(&mut self, bytes: &[u8], limits: &Limits) -> Result<HeadEnd> {
        let line = self.line;
        for at in memchr_iter(b'\n', &bytes[self.at..]).map(|at| at + self.at) {
            if at == 0 || bytes[at - 1] != b'\r' {
                return malformed(Malformed::LineEnding);
            }
            let is_empty = at == self.line + 1;
            self.line = at + 1;
            match (is_empty, self.headers) {
                (true, 0) if self.line > MAX_EMPTY_LINES => {
                    return malformed(Malformed::EmptyLines);
                }
                (false, 0) => self.headers = self.line,
                (true, 1..) => {
                    self.check_size(self.line, limits)?;
                    return Ok(HeadEnd::At(self.line));
                }
                _ => {}
            }
        }
        self.at = bytes.len();
        self.check_size(bytes.len(), limits)?;
        let is_worth_a_check = self.line > line || bytes.len() < SHORT;
        Ok(if is_worth_a_check { HeadEnd::LineLater } else { HeadEnd::Later })
    }

    /// Whether the head has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.at > 0
    }

    /// How many bytes have been looked at.
    pub(super) fn seen(&self) -> usize {
        self.at
    }

    fn check_size(&self, size: usize, limits: &Limits) -> Result<()> {
        let limit = limits.header_section;
        match self.headers {
            0 if size > limits.target.saturating_add(MAX_AROUND_TARGET) => {
                Err(Refusal::TargetTooLong { limit: limits.target })
            }
            headers if headers > 0 && size - headers > limit => {
                Err(HeadersTooLarge::Section { limit }.into())
            }
            _ => Ok(()),
        }
    }
}
