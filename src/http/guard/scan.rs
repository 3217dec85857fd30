//! Where a head ends, however it arrives: each byte is looked at once. Knows lines and their
//! lengths, not what stands in them.

use memchr::memchr_iter;

use crate::error::{Error, Result};
use crate::http::limits::{MAX_HEADER_SECTION, MAX_TARGET};

/// What a request line has besides its target, at most: a method, a version, spaces.
const MAX_AROUND_TARGET: usize = 256;
/// How many bytes of empty lines may stand before a request line: four lines.
const MAX_EMPTY_LINES: usize = 8;
/// From how many bytes on a beginning is only worth judging where a line has come to its end.
const SHORT: usize = 512;

/// The search for the end of one head.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// How many bytes have been looked at.
    at: usize,
    /// Where the line under way starts.
    line: usize,
    /// Where the headers start; 0 while the request line has no end.
    headers: usize,
}

/// What is known of a head.
#[derive(Debug, PartialEq)]
pub(super) enum Extent {
    /// It is so many bytes long.
    Whole(usize),
    /// More is to come; what is there may be judged already.
    Begun,
    /// More is to come; nothing that could be judged has been added.
    Unclear,
}

impl Scan {
    /// Looks at a head from its start on, of which more may have come since it was last looked at.
    ///
    /// # Errors
    /// Where a line ends without a carriage return, or the head grows too large.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Extent> {
        let line = self.line;
        for at in memchr_iter(b'\n', &bytes[self.at..]).map(|at| at + self.at) {
            if at == 0 || bytes[at - 1] != b'\r' {
                return Err(Error::BadRequest(
                    "A line of the request's head does not end with CR LF.".into(),
                ));
            }
            let is_empty = at == self.line + 1;
            self.line = at + 1;
            match (is_empty, self.headers) {
                (true, 0) if self.line > MAX_EMPTY_LINES => {
                    let text = "There are too many empty lines before the request.";
                    return Err(Error::BadRequest(text.into()));
                }
                (false, 0) => self.headers = self.line,
                (true, 1..) => {
                    self.check_size(self.line)?;
                    return Ok(Extent::Whole(self.line));
                }
                _ => {}
            }
        }
        self.at = bytes.len();
        self.check_size(bytes.len())?;
        Ok(if self.line > line || bytes.len() < SHORT { Extent::Begun } else { Extent::Unclear })
    }

    /// Whether something of the head has come.
    pub(super) fn has_begun(&self) -> bool {
        self.at > 0
    }

    /// How many bytes have been looked at.
    pub(super) fn seen(&self) -> usize {
        self.at
    }

    fn check_size(&self, size: usize) -> Result<()> {
        match self.headers {
            0 if size > MAX_TARGET + MAX_AROUND_TARGET => {
                Err(Error::TargetTooLong { limit: MAX_TARGET })
            }
            headers if headers > 0 && size - headers > MAX_HEADER_SECTION => {
                Err(Error::HeadersTooLarge(format!(
                    "The headers are longer than the limit of {MAX_HEADER_SECTION} bytes."
                )))
            }
            _ => Ok(()),
        }
    }
}
